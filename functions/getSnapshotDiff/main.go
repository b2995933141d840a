// The Lambda of GET /v1/projects/{projectId}/history/{snapshotId}/diff.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.GetSnapshotDiff()) }
