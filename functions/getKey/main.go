// The Lambda of GET /v1/keys/{keyId}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetKey()) }
