package network

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// Definition is a kind of service that services can say they are. Its id is its name.
type Definition struct {
	ID           string        `json:"id" doc:"What a service names it by; the same as its name"`
	Name         string        `json:"name" doc:"The name people read"`
	Description  string        `json:"description" doc:"What such a service does"`
	Category     string        `json:"category" doc:"A word to group definitions by"`
	Icon         string        `json:"icon" doc:"Name of a picture for it"`
	DefaultPorts []DefaultPort `json:"default_ports" doc:"Where such a service listens unless it is told otherwise"`
}

type DefaultPort struct {
	Number   int      `json:"number" doc:"1 to 65535"`
	Protocol Protocol `json:"protocol" doc:"Tcp or Udp"`
}

// Protocol is of a port.
type Protocol string

const (
	TCP Protocol = "Tcp"
	UDP Protocol = "Udp"
)

//go:embed definitions.json
var shipped []byte

var (
	reading sync.Once
	read    []Definition
)

// definitions are those that come with the program, in the order of their ids.
// They are read when they are first asked for, and linked where they can be: a
// function value of the package would bring them into every Lambda.
func definitions() []Definition {
	reading.Do(func() {
		if err := json.Unmarshal(shipped, &read); err != nil {
			panic(err) // a test reads them
		}
	})
	return read
}
