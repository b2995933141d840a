// The Lambda of PUT /api/v1/hosts/{destination}/consolidate/{other}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.ConsolidateHosts()) }
