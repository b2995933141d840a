package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
)

func CreateService() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "createService", Method: http.MethodPost, Path: servicesPath,
		Summary: "Add a service to a project",
		Errors:  []*fault.Error{catalog.ErrServiceNameConflict},
	}), newCatalog, (*catalog.Catalog).CreateService)
}

func UpsertServices() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "upsertServices", Method: http.MethodPut, Path: servicesPath,
		Summary: "Create or change up to 30 services by their names, all at one instant or none",
		Errors:  []*fault.Error{catalog.ErrServiceNameConflict},
	}), newCatalog, (*catalog.Catalog).UpsertServices)
}

func ListServices() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "listServices", Method: http.MethodGet, Path: servicesPath,
		Summary: "List the services of a project, now or at an instant, in the order of their slugs",
	}), newCatalog, (*catalog.Catalog).ListServices)
}

func GetService() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getService", Method: http.MethodGet, Path: servicePath,
		Summary: "Read a service, now or at an instant",
	}), newCatalog, (*catalog.Catalog).GetService)
}

func UpdateService() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "updateService", Method: http.MethodPut, Path: servicePath,
		Summary: "Change the members of a service that are sent; a new name is a new slug", Access: MayGet | MayPut | MayDelete,
		Errors: []*fault.Error{catalog.ErrServiceNameConflict, catalog.ErrPrecondition},
	}), newCatalog, (*catalog.Catalog).UpdateService)
}

func DeleteService() Endpoint {
	return silent(catalogued(Endpoint{
		ID: "deleteService", Method: http.MethodDelete, Path: servicePath,
		Summary: "Remove a service from now on; its past stays", Access: MayGet | MayPut | MayDelete,
		Errors: []*fault.Error{catalog.ErrPrecondition},
	}), newCatalog, (*catalog.Catalog).DeleteService)
}

func GetServiceRaw() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getServiceRaw", Method: http.MethodGet, Path: servicePath + "/raw",
		Summary: "Read only what was written of a service, now or at an instant",
	}), newCatalog, (*catalog.Catalog).GetServiceRaw)
}

func GetServiceHistory() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getServiceHistory", Method: http.MethodGet, Path: servicePath + "/history",
		Summary: "List what changed of one service, across its renames, newest first",
	}), newCatalog, (*catalog.Catalog).GetServiceHistory)
}

func RestoreService() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "restoreService", Method: http.MethodPost, Path: servicePath + "/restore",
		Summary: "Make a service what its slug held at an instant, by a new snapshot", Access: MayGet | MayRange | MayPut | MayDelete,
		Errors: []*fault.Error{catalog.ErrServiceNameConflict, catalog.ErrPrecondition},
	}), newCatalog, (*catalog.Catalog).RestoreService)
}
