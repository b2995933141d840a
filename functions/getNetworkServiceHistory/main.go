// The Lambda of GET /api/v1/services/{id}/history.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetNetworkServiceHistory()) }
