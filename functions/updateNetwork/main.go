// The Lambda of PUT /api/v1/networks/{id}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.UpdateNetwork()) }
