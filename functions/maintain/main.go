// The Lambda that does what no request waits for.
package main

import "almanac/internal/host/lambdahost/maintainer"

func main() { maintainer.Main() }
