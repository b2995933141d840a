package api

import (
	"cmp"
	"net/http"
	"strings"

	"almanac/internal/catalog"
	"almanac/internal/fault"
	"almanac/internal/tenant"
)

const (
	projectsPath = "/v1/projects"
	projectPath  = projectsPath + "/{projectId}"
	servicesPath = projectPath + "/services"
	servicePath  = servicesPath + "/{serviceSlug}"
)

// catalogued completes an entry of the catalog with what all of its kind have;
// it may say more.
func catalogued(e Endpoint) Endpoint {
	reads := e.Method == http.MethodGet
	e.Scope = cmp.Or(e.Scope, scopeFor(e.Method, tenant.CatalogRead, tenant.CatalogWrite))
	if e.Access == 0 {
		e.Access = MayGet | MayPut
		if reads {
			e.Access = MayGet | MayRange
		}
	}
	var missing []*fault.Error
	if strings.Contains(e.Path, "{"+projectParam+"}") {
		missing = append(missing, catalog.ErrProjectNotFound)
	}
	if strings.Contains(e.Path, "{serviceSlug}") {
		missing = append(missing, catalog.ErrServiceNotFound)
	}
	e.Errors = append(missing, e.Errors...)
	return e
}

func newCatalog(d Deps) *catalog.Catalog {
	return catalog.New(d.Store, d.Now, d.MaxProjects)
}
