// The Lambda that tells the gateway who calls.
package main

import "almanac/internal/host/lambdahost"

func main() { lambdahost.Authorizer() }
