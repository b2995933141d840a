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
	return answering(catalogued(Endpoint{
		ID: "pin", Method: http.MethodPost, Path: pinsPath,
		Summary: "Pin a project for yourself", Personal: true, Scope: tenant.CatalogRead, Access: MayGet | MayRange | MayPut | MayDelete,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrPinLimit},
	}), newCatalog, (*catalog.Catalog).Pin)
}

func ListPinned() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "listPinned", Method: http.MethodGet, Path: pinsPath,
		Summary: "List the projects that you pinned, newest pin first",
	}), newCatalog, (*catalog.Catalog).ListPinned)
}

func Unpin() Endpoint {
	return silent(catalogued(Endpoint{
		ID: "unpin", Method: http.MethodDelete, Path: pinPath,
		Summary: "Unpin a project", Scope: tenant.CatalogRead, Access: MayGet | MayDelete,
	}), newCatalog, (*catalog.Catalog).Unpin)
}
