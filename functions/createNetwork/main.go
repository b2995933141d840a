// The Lambda of POST /api/v1/networks.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.CreateNetwork()) }
