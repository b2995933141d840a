// The Lambda of DELETE /v1/keys/{keyId}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
	"almanac/internal/host/lambdahost/usageplan"
)

func main() { lambdahost.Main(api.DeleteKey(), usageplan.Open) }
