package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
)

func CreateProject() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "createProject", Method: http.MethodPost, Path: projectsPath,
		Summary: "Create a project",
		Errors:  []*fault.Error{catalog.ErrProjectLimit},
	}), newCatalog, (*catalog.Catalog).CreateProject)
}

func ListProjects() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "listProjects", Method: http.MethodGet, Path: projectsPath,
		Summary: "List the projects of the workspace, newest update first", Access: MayRange,
		// It reads the heads of all projects: 100,000 take 300 MB and most of a second of a whole processor.
		MemoryMB: 1024, Timeout: longTimeout,
	}), newCatalog, (*catalog.Catalog).ListProjects)
}

func GetProject() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getProject", Method: http.MethodGet, Path: projectPath,
		Summary: "Read a project", Access: MayGet,
	}), newCatalog, (*catalog.Catalog).GetProject)
}

func UpdateProject() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "updateProject", Method: http.MethodPut, Path: projectPath,
		Summary: "Change the members of a project that are sent",
	}), newCatalog, (*catalog.Catalog).UpdateProject)
}

func DeleteProject() Endpoint {
	return silent(catalogued(Endpoint{
		ID: "deleteProject", Method: http.MethodDelete, Path: projectPath,
		Summary: "Delete a project with its services and their whole history", Access: MayGet | MayRange | MayPut | MayDelete | MayCheck,
		Timeout: longTimeout,
	}), newCatalog, (*catalog.Catalog).DeleteProject)
}

func GetLimits() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getLimits", Method: http.MethodGet, Path: "/v1/limits",
		Summary: "Read how many projects the workspace has, and may have", Access: MayGet,
	}), newCatalog, (*catalog.Catalog).GetLimits)
}

func DuplicateProject() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "duplicateProject", Method: http.MethodPost, Path: projectPath + "/duplicate",
		Summary: "Copy a project with its services as they are now, without their history", Access: MayGet | MayRange | MayPut | MayDelete | MayCheck,
		MemoryMB: 512, Timeout: longTimeout,
		Errors: []*fault.Error{catalog.ErrProjectLimit},
	}), newCatalog, (*catalog.Catalog).DuplicateProject)
}
