// The Lambda of POST /api/v1/networks/bulk-delete.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.BulkDeleteNetworks()) }
