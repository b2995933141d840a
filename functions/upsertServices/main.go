// The Lambda of PUT /v1/projects/{projectId}/services.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.UpsertServices()) }
