// The Lambda of GET /api/v1/interfaces/{id}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetInterface()) }
