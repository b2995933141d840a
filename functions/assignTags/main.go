// The Lambda of PUT /api/v1/tags/assign.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.AssignTags()) }
