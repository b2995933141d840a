// The Lambda of DELETE /v1/pinned/{projectId}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.Unpin()) }
