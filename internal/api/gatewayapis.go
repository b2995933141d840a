package api

import "strings"

// API is what one gateway serves. API Gateway knows no conditions on what it
// answers by itself, so all paths of a gateway word their errors alike:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
type API struct {
	Name string
	Root string // above all its paths
}

// APIs are those that endpoints belong to, each to one.
func APIs() []API { return []API{{"catalog", "/v1"}, {"network", networkRoot}} }

// Holds tells whether a path is of this API.
func (a API) Holds(path string) bool { return strings.HasPrefix(path+"/", a.Root+"/") }

// Endpoints are those of a table that belong to this API.
func (a API) Endpoints(table []Endpoint) []Endpoint {
	var own []Endpoint
	for _, e := range table {
		if a.Holds(e.Path) {
			own = append(own, e)
		}
	}
	return own
}

func (a API) words() dialect { return dialectOf(a.Root) }
