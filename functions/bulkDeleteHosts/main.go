// The Lambda of POST /api/v1/hosts/bulk-delete.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.BulkDeleteHosts()) }
