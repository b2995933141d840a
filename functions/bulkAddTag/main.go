// The Lambda of POST /api/v1/tags/assign/bulk-add.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.BulkAddTag()) }
