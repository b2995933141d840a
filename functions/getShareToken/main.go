// The Lambda of GET /v1/projects/{projectId}/public-share-token.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetShareToken()) }
