// The Lambda of POST /v1/pinned.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.Pin()) }
