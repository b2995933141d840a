// The Lambda of GET /v1/public/{token}/services/{serviceSlug}/history.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetPublicServiceHistory()) }
