package network

// portTypes are what usually listens on a port, by its number, where that is
// one thing with both protocols.
var portTypes = map[int]string{
	21: "Ftp", 22: "Ssh", 23: "Telnet", 25: "Smtp", 53: "Dns", 67: "Dhcp", 80: "Http", 88: "Kerberos", 110: "Pop3", 123: "Ntp",
	139: "Samba", 143: "Imap", 161: "Snmp", 389: "Ldap", 443: "Https", 445: "Samba", 465: "Smtps", 514: "Syslog", 587: "Smtp",
	631: "Ipp", 636: "Ldaps", 993: "Imaps", 995: "Pop3s", 1433: "MsSql", 1521: "Oracle", 1883: "Mqtt", 2049: "Nfs", 2375: "Docker",
	2376: "DockerTls", 3306: "MySql", 3389: "Rdp", 5432: "PostgreSql", 5672: "Amqp", 5900: "Vnc", 6379: "Redis", 6443: "Kubernetes",
	8080: "HttpAlt", 8443: "HttpsAlt", 9092: "Kafka", 9200: "Elasticsearch", 11211: "Memcached", 27017: "MongoDb", 51820: "WireGuard",
}

// customPort is the type of a port of which nothing is known.
const customPort = "Custom"

// portType derives what usually listens on a port.
func portType(number int, protocol Protocol) string {
	name, known := portTypes[number]
	if !known || protocol == UDP && !overUDP[name] {
		return customPort
	}
	return name
}

// overUDP are the types that are also, or only, spoken over UDP.
var overUDP = map[string]bool{
	"Dns": true, "Dhcp": true, "Kerberos": true, "Ntp": true, "Snmp": true, "Ldap": true, "Https": true, "Syslog": true,
	"Nfs": true, "Rdp": true, "Memcached": true, "WireGuard": true,
}
