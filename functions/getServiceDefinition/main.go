// The Lambda of GET /api/v1/service-definitions/{id}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetServiceDefinition()) }
