// The Lambda of POST /api/v1/subnets.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.CreateSubnet()) }
