// The Lambda of PUT /api/v1/ports/{id}.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.UpdatePort()) }
