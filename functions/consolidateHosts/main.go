// The Lambda of PUT /api/v1/hosts/{id}/consolidate/{other}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.ConsolidateHosts()) }
