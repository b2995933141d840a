// The Lambda that tells the event bus of every write.
package main

import "almanac/internal/host/lambdahost/announcer"

func main() { announcer.Main() }
