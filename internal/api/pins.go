package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
	"almanac/internal/tenant"
)

const (
	pinsPath = "/v1/pinned"
	pinPath  = pinsPath + "/{projectId}"
)

// A pin is its caller's own and shows to nobody else, so that whoever may read
// a project may pin it.

func Pin() Endpoint {
	return answering(Endpoint{
		ID: "pin", Method: http.MethodPost, Path: pinsPath, Success: http.StatusOK,
		Summary: "Pin a project for yourself", Personal: true, Scope: tenant.CatalogRead, Table: MayGet | MayRange | MayPut | MayDelete,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrPinLimit},
	}, newCatalog, (*catalog.Catalog).Pin)
}

func ListPinned() Endpoint {
	return answering(Endpoint{
		ID: "listPinned", Method: http.MethodGet, Path: pinsPath, Success: http.StatusOK,
		Summary: "List the projects that you pinned, newest pin first", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
	}, newCatalog, (*catalog.Catalog).ListPinned)
}

func Unpin() Endpoint {
	return silent(Endpoint{
		ID: "unpin", Method: http.MethodDelete, Path: pinPath, Success: http.StatusNoContent,
		Summary: "Unpin a project", Scope: tenant.CatalogRead, Table: MayGet | MayDelete,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).Unpin)
}
