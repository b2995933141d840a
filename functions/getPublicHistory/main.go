// The Lambda of GET /v1/public/{token}/history.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetPublicHistory()) }
