package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
	"almanac/internal/tenant"
)

func newCatalog(d Deps) *catalog.Catalog {
	return catalog.New(d.Store, d.Now, d.MaxProjects)
}

const (
	projectsPath = "/v1/projects"
	projectPath  = projectsPath + "/{projectId}"
	servicesPath = projectPath + "/services"
	servicePath  = servicesPath + "/{serviceSlug}"
	eventsPath   = projectPath + "/events"
)

func CreateProject() Endpoint {
	return answering(Endpoint{
		ID: "createProject", Method: http.MethodPost, Path: projectsPath, Success: http.StatusOK,
		Summary: "Create a project", Scope: tenant.CatalogWrite, Table: MayGet | MayPut,
		Errors: []*fault.Error{catalog.ErrProjectLimit},
	}, newCatalog, (*catalog.Catalog).CreateProject)
}

func ListProjects() Endpoint {
	return answering(Endpoint{
		ID: "listProjects", Method: http.MethodGet, Path: projectsPath, Success: http.StatusOK,
		Summary: "List the projects of the workspace, newest update first", Scope: tenant.CatalogRead, Table: MayRange,
	}, newCatalog, (*catalog.Catalog).ListProjects)
}

func GetProject() Endpoint {
	return answering(Endpoint{
		ID: "getProject", Method: http.MethodGet, Path: projectPath, Success: http.StatusOK,
		Summary: "Read a project", Scope: tenant.CatalogRead, Table: MayGet,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetProject)
}

func UpdateProject() Endpoint {
	return answering(Endpoint{
		ID: "updateProject", Method: http.MethodPut, Path: projectPath, Success: http.StatusOK,
		Summary: "Change the members of a project that are sent", Scope: tenant.CatalogWrite, Table: MayGet | MayPut,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).UpdateProject)
}

func DeleteProject() Endpoint {
	return silent(Endpoint{
		ID: "deleteProject", Method: http.MethodDelete, Path: projectPath, Success: http.StatusNoContent,
		Summary: "Delete a project with its services and their whole history", Scope: tenant.CatalogWrite, Table: MayGet | MayRange | MayPut | MayDelete | MayCheck,
		Timeout: longTimeout,
		Errors:  []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).DeleteProject)
}

func CreateService() Endpoint {
	return answering(Endpoint{
		ID: "createService", Method: http.MethodPost, Path: servicesPath, Success: http.StatusOK,
		Summary: "Add a service to a project", Scope: tenant.CatalogWrite, Table: MayGet | MayPut,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNameConflict},
	}, newCatalog, (*catalog.Catalog).CreateService)
}

func ListServices() Endpoint {
	return answering(Endpoint{
		ID: "listServices", Method: http.MethodGet, Path: servicesPath, Success: http.StatusOK,
		Summary: "List the services of a project, now or at an instant, in the order of their slugs", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).ListServices)
}

func GetService() Endpoint {
	return answering(Endpoint{
		ID: "getService", Method: http.MethodGet, Path: servicePath, Success: http.StatusOK,
		Summary: "Read a service, now or at an instant", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNotFound},
	}, newCatalog, (*catalog.Catalog).GetService)
}

func UpdateService() Endpoint {
	return answering(Endpoint{
		ID: "updateService", Method: http.MethodPut, Path: servicePath, Success: http.StatusOK,
		Summary: "Change the members of a service that are sent; a new name is a new slug", Scope: tenant.CatalogWrite, Table: MayGet | MayPut | MayDelete,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNotFound, catalog.ErrServiceNameConflict, catalog.ErrPrecondition},
	}, newCatalog, (*catalog.Catalog).UpdateService)
}

func DeleteService() Endpoint {
	return silent(Endpoint{
		ID: "deleteService", Method: http.MethodDelete, Path: servicePath, Success: http.StatusNoContent,
		Summary: "Remove a service from now on; its past stays", Scope: tenant.CatalogWrite, Table: MayGet | MayPut | MayDelete,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNotFound, catalog.ErrPrecondition},
	}, newCatalog, (*catalog.Catalog).DeleteService)
}

func GetServiceRaw() Endpoint {
	return answering(Endpoint{
		ID: "getServiceRaw", Method: http.MethodGet, Path: servicePath + "/raw", Success: http.StatusOK,
		Summary: "Read only what was written of a service, now or at an instant", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNotFound},
	}, newCatalog, (*catalog.Catalog).GetServiceRaw)
}

func GetHistory() Endpoint {
	return answering(Endpoint{
		ID: "getHistory", Method: http.MethodGet, Path: projectPath + "/history", Success: http.StatusOK,
		Summary: "List what changed in a project, newest first", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetHistory)
}

func GetEvents() Endpoint {
	return answering(Endpoint{
		ID: "getEvents", Method: http.MethodGet, Path: eventsPath, Success: http.StatusOK,
		Summary: "Read what was written in a project after a sequence, oldest first, and wait for it", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Timeout: longTimeout,
		Errors:  []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetEvents)
}
