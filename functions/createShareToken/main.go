// The Lambda of POST /v1/projects/{projectId}/public-share-token.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.CreateShareToken()) }
