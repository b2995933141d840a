package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
	"almanac/internal/tenant"
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
		// It reads the heads of all projects: 100,000 take 300 MB and most of a second of a whole processor.
		MemoryMB: 1024, Timeout: longTimeout,
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

func GetLimits() Endpoint {
	return answering(Endpoint{
		ID: "getLimits", Method: http.MethodGet, Path: "/v1/limits", Success: http.StatusOK,
		Summary: "Read how many projects the workspace has, and may have", Scope: tenant.CatalogRead, Table: MayGet,
	}, newCatalog, (*catalog.Catalog).GetLimits)
}

func DuplicateProject() Endpoint {
	return answering(Endpoint{
		ID: "duplicateProject", Method: http.MethodPost, Path: projectPath + "/duplicate", Success: http.StatusOK,
		Summary: "Copy a project with its services as they are now, without their history", Scope: tenant.CatalogWrite, Table: MayGet | MayRange | MayPut | MayDelete | MayCheck,
		MemoryMB: 512, Timeout: longTimeout,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrProjectLimit},
	}, newCatalog, (*catalog.Catalog).DuplicateProject)
}
