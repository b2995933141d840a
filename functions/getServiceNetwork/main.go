// The Lambda of GET /v1/projects/{projectId}/services/{serviceSlug}/network.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetServiceNetwork()) }
