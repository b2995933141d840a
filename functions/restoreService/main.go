// The Lambda of POST /v1/projects/{projectId}/services/{serviceSlug}/restore.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.RestoreService()) }
