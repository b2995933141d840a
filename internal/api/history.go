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
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetHistory)
}

func GetEvents() Endpoint {
	return answering(Endpoint{
		ID: "getEvents", Method: http.MethodGet, Path: projectPath + "/events", Success: http.StatusOK,
		Summary: "Read what was written in a project after a sequence, oldest first, and wait for it; or be sent it, as server-sent events", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Timeout: longTimeout,
		Errors:  []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetEvents)
}
