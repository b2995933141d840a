// The Lambda of PUT /v1/projects/{projectId}/services/{serviceSlug}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.UpdateService()) }
