// The Lambda of POST /v1/keys/{keyId}/rotate.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.RotateKey()) }
