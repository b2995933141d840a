package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
	"almanac/internal/tenant"
)

func GetHistory() Endpoint {
	return answering(Endpoint{
		ID: "getHistory", Method: http.MethodGet, Path: projectPath + "/history", Success: http.StatusOK,
		Summary: "List what changed in a project, newest first", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Timeout: longTimeout, // a filter reads all that it passes over
		Errors:  []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetHistory)
}

func GetSnapshotDiff() Endpoint {
	return answering(Endpoint{
		ID: "getSnapshotDiff", Method: http.MethodGet, Path: projectPath + "/history/{snapshotId}/diff", Success: http.StatusOK,
		Summary: "Read a service before and after one change of the history", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrSnapshotNotFound},
	}, newCatalog, (*catalog.Catalog).GetSnapshotDiff)
}

func GetProjectDiff() Endpoint {
	return answering(Endpoint{
		ID: "getProjectDiff", Method: http.MethodGet, Path: projectPath + "/diff", Success: http.StatusOK,
		Summary: "Compare a project at two instants", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		MemoryMB: 512, Timeout: longTimeout,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetProjectDiff)
}

func GetEvents() Endpoint {
	return answering(Endpoint{
		ID: "getEvents", Method: http.MethodGet, Path: projectPath + "/events", Success: http.StatusOK,
		Summary: "Read what was written in a project after a sequence, oldest first, and wait for it; or be sent it, as server-sent events", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Timeout: longTimeout,
		Errors:  []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetEvents)
}
