// The Lambda of GET /api/v1/networks/{id}/diff.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetNetworkDiff()) }
