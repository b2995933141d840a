package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/network"
)

func ListNetworkServices() Endpoint {
	return answering(networked(Endpoint{
		ID: "listNetworkServices", Method: http.MethodGet, Path: "/services",
		Summary: "List services, grouped and ordered", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ListServices)
}

func CreateNetworkService() Endpoint {
	return answering(networked(Endpoint{
		ID: "createNetworkService", Method: http.MethodPost, Path: "/services",
		Summary: "Put a service on a host, with what it binds", Access: MayGet | MayRange | MayPut | MayCheck, Errors: []*fault.Error{network.ErrNotFound},
	}), newInventory, (*network.Inventory).CreateService)
}

func GetNetworkService() Endpoint {
	return answering(networked(Endpoint{
		ID: "getNetworkService", Method: http.MethodGet, Path: "/services/{id}",
		Summary: "Read a service, now or at an instant",
	}), newInventory, (*network.Inventory).GetService)
}

func UpdateNetworkService() Endpoint {
	return answering(networked(Endpoint{
		ID: "updateNetworkService", Method: http.MethodPut, Path: "/services/{id}",
		Summary: "Replace what a service is and binds, or move it to another host of its network", Access: MayGet | MayRange | MayPut | MayCheck,
	}), newInventory, (*network.Inventory).UpdateService)
}

func DeleteNetworkService() Endpoint {
	return silent(networked(Endpoint{
		ID: "deleteNetworkService", Method: http.MethodDelete, Path: "/services/{id}",
		Summary: "Remove a service with its bindings; its past stays",
	}), newInventory, (*network.Inventory).DeleteService)
}

func BulkDeleteNetworkServices() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkDeleteNetworkServices", Method: http.MethodPost, Path: "/services/bulk-delete",
		Summary: "Remove up to 10,000 services, in parts that are each whole", InParts: true, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkDeleteServices)
}

func GetNetworkServiceHistory() Endpoint {
	return answering(networked(Endpoint{
		ID: "getNetworkServiceHistory", Method: http.MethodGet, Path: "/services/{id}/history",
		Summary: "List what a service has been, newest first, also when it is deleted", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).GetServiceHistory)
}

func ExportNetworkServices() Endpoint {
	return answering(networked(Endpoint{
		ID: "exportNetworkServices", Method: http.MethodGet, Path: "/services/export/csv",
		Summary: "Give services as a table", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ExportServices)
}
