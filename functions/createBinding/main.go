// The Lambda of POST /api/v1/bindings.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.CreateBinding()) }
