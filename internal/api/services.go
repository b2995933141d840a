package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
	"almanac/internal/tenant"
)

func CreateService() Endpoint {
	return answering(Endpoint{
		ID: "createService", Method: http.MethodPost, Path: servicesPath, Success: http.StatusOK,
		Summary: "Add a service to a project", Scope: tenant.CatalogWrite, Table: MayGet | MayPut,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNameConflict},
	}, newCatalog, (*catalog.Catalog).CreateService)
}

func UpsertServices() Endpoint {
	return answering(Endpoint{
		ID: "upsertServices", Method: http.MethodPut, Path: servicesPath, Success: http.StatusOK,
		Summary: "Create or change up to 30 services by their names, all at one instant or none", Scope: tenant.CatalogWrite, Table: MayGet | MayPut,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNameConflict},
	}, newCatalog, (*catalog.Catalog).UpsertServices)
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

func GetServiceHistory() Endpoint {
	return answering(Endpoint{
		ID: "getServiceHistory", Method: http.MethodGet, Path: servicePath + "/history", Success: http.StatusOK,
		Summary: "List what changed of one service, across its renames, newest first", Scope: tenant.CatalogRead, Table: MayGet | MayRange,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNotFound},
	}, newCatalog, (*catalog.Catalog).GetServiceHistory)
}

func RestoreService() Endpoint {
	return answering(Endpoint{
		ID: "restoreService", Method: http.MethodPost, Path: servicePath + "/restore", Success: http.StatusOK,
		Summary: "Make a service what its slug held at an instant, by a new snapshot", Scope: tenant.CatalogWrite, Table: MayGet | MayRange | MayPut | MayDelete,
		Errors: []*fault.Error{catalog.ErrProjectNotFound, catalog.ErrServiceNotFound, catalog.ErrServiceNameConflict, catalog.ErrPrecondition},
	}, newCatalog, (*catalog.Catalog).RestoreService)
}
