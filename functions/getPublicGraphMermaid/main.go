// The Lambda of GET /v1/public/{token}/graph/mermaid.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetPublicGraphMermaid()) }
