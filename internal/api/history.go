package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
)

func GetHistory() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getHistory", Method: http.MethodGet, Path: projectPath + "/history",
		Summary: "List what changed in a project, newest first",
		Timeout: longTimeout, // a filter reads all that it passes over
	}), newCatalog, (*catalog.Catalog).GetHistory)
}

func GetSnapshotDiff() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getSnapshotDiff", Method: http.MethodGet, Path: projectPath + "/history/{snapshotId}/diff",
		Summary: "Read a service before and after one change of the history",
		Errors:  []*fault.Error{catalog.ErrSnapshotNotFound},
	}), newCatalog, (*catalog.Catalog).GetSnapshotDiff)
}

func GetProjectDiff() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getProjectDiff", Method: http.MethodGet, Path: projectPath + "/diff",
		Summary:  "Compare a project at two instants",
		MemoryMB: 512, Timeout: longTimeout,
	}), newCatalog, (*catalog.Catalog).GetProjectDiff)
}

func GetEvents() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getEvents", Method: http.MethodGet, Path: projectPath + "/events",
		Summary: "Read what was written in a project after a sequence, oldest first, and wait for it; or be sent it, as server-sent events",
		Timeout: longTimeout,
	}), newCatalog, (*catalog.Catalog).GetEvents)
}
