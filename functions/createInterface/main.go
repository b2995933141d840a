// The Lambda of POST /api/v1/interfaces.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.CreateInterface()) }
