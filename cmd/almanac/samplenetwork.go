package main

import (
	"context"

	"github.com/google/uuid"

	"almanac/internal/network"
	"almanac/internal/shape"
)

const sampleNetwork = "eShop sample"

// sampleHosts are machines on which the sample's services run, with what these
// need.
var sampleHosts = []struct {
	name, address string
	services      []sampleService
}{
	{"app-01", "10.20.0.11", []sampleService{
		{"Basket.API", "Web Service", 5221, "basket-api"},
		{"Catalog.API", "Web Service", 5222, "catalog-api"},
		{"Ordering.API", "Web Service", 5224, "ordering-api"},
	}},
	{"app-02", "10.20.0.12", []sampleService{
		{"Identity.API", "Web Service", 5243, "identity-api"},
		{"WebApp", "Web Service", 443, "webapp"},
	}},
	{"data-01", "10.20.0.21", []sampleService{
		{"Redis", "Redis", 6379, ""},
		{"PostgreSQL", "PostgreSQL", 5432, ""},
		{"RabbitMQ", "RabbitMQ", 5672, ""},
	}},
}

// sampleService listens on a port of all interfaces. Slug is that of the service
// of the sample project that it is; empty is none.
type sampleService struct {
	name, definition string
	port             int
	slug             string
}

// loadSampleNetwork makes the network in which the sample's services listen, and
// moves one of them to another host. What an interrupted load left is removed
// first.
func loadSampleNetwork(ctx context.Context, inventory *network.Inventory) error {
	left, err := inventory.ListNetworks(ctx, sampler, network.ListNetworksInput{NetworkFilter: network.NetworkFilter{Search: network.Search{Search: sampleNetwork}}})
	if err != nil {
		return err
	}
	for _, n := range left.Items {
		if err := inventory.DeleteNetwork(ctx, sampler, network.DeleteNetworkInput{ID: network.UUID(n.ID)}); err != nil {
			return err
		}
	}
	made, err := inventory.CreateNetwork(ctx, sampler, network.CreateNetworkInput{Body: network.NetworkFacts{Name: sampleNetwork}})
	if err != nil {
		return err
	}
	in := network.UUID(made.ID)
	subnet, err := inventory.CreateSubnet(ctx, sampler, network.CreateSubnetInput{Body: network.NewSubnet{
		NetworkID: in, SubnetFacts: network.SubnetFacts{Name: "applications", CIDR: "10.20.0.0/24"},
	}})
	if err != nil {
		return err
	}
	var hosts []network.Host
	for _, sample := range sampleHosts {
		parts := network.HostParts{Interfaces: []network.SentInterface{{InterfaceFacts: network.InterfaceFacts{
			SubnetID: network.UUID(subnet.ID), IPAddress: network.IP(sample.address), Name: new("eth0"),
		}}}}
		for _, s := range sample.services {
			port := network.UUID(uuid.NewString())
			parts.Ports = append(parts.Ports, network.SentPort{ID: &port, PortFacts: network.PortFacts{Number: s.port, Protocol: network.TCP}})
			service := network.SentService{
				ServiceFacts: network.ServiceFacts{Name: s.name, ServiceDefinition: s.definition},
				Bindings:     []network.SentBinding{{Type: network.OnPort, PortID: &port}},
			}
			if s.slug != "" {
				service.Catalog = shape.Of(network.CatalogRef{ProjectID: sampleProject, Slug: network.CatalogID(s.slug)})
			}
			parts.Services = append(parts.Services, service)
		}
		h, err := inventory.CreateHost(ctx, sampler, network.CreateHostInput{Body: network.NewHost{
			NetworkID: in, HostFacts: network.HostFacts{Name: sample.name, Hostname: new(sample.name + ".eshop.example")}, HostParts: parts,
		}})
		if err != nil {
			return err
		}
		hosts = append(hosts, h)
	}
	to, basket := network.UUID(hosts[1].ID), hosts[0].Services[0]
	port, err := inventory.CreatePort(ctx, sampler, network.CreatePortInput{Body: network.NewPort{
		HostID: to, NetworkID: in, PortFacts: network.PortFacts{Number: 5221, Protocol: network.TCP},
	}})
	if err != nil {
		return err
	}
	_, err = inventory.UpdateService(ctx, sampler, network.UpdateServiceInput{ID: network.UUID(basket.ID), Body: network.ServiceState{
		HostID: to, NetworkID: in,
		ServiceFacts: network.ServiceFacts{Name: basket.Name, ServiceDefinition: basket.ServiceDefinition},
		Bindings:     []network.SentBinding{{Type: network.OnPort, PortID: new(network.UUID(port.ID))}},
	}})
	return err
}
