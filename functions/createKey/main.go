// The Lambda of POST /v1/keys.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
	"almanac/internal/host/lambdahost/usageplan"
)

func main() { lambdahost.Main(api.CreateKey(), usageplan.Open) }
