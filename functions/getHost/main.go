// The Lambda of GET /api/v1/hosts/{id}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetHost()) }
