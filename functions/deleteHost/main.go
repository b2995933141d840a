// The Lambda of DELETE /api/v1/hosts/{id}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.DeleteHost()) }
