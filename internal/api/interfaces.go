package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/network"
)

func ListInterfaces() Endpoint {
	return answering(networked(Endpoint{
		ID: "listInterfaces", Method: http.MethodGet, Path: "/interfaces",
		Summary: "List interfaces of hosts", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ListInterfaces)
}

func CreateInterface() Endpoint {
	return answering(networked(Endpoint{
		ID: "createInterface", Method: http.MethodPost, Path: "/interfaces",
		Summary: "Put a host into a subnet", Errors: []*fault.Error{network.ErrNotFound},
	}), newInventory, (*network.Inventory).CreateInterface)
}

func GetInterface() Endpoint {
	return answering(networked(Endpoint{
		ID: "getInterface", Method: http.MethodGet, Path: "/interfaces/{id}",
		Summary: "Read an interface, now or at an instant",
	}), newInventory, (*network.Inventory).GetInterface)
}

func UpdateInterface() Endpoint {
	return answering(networked(Endpoint{
		ID: "updateInterface", Method: http.MethodPut, Path: "/interfaces/{id}",
		Summary: "Replace an interface's address, name and place on its host",
	}), newInventory, (*network.Inventory).UpdateInterface)
}

func DeleteInterface() Endpoint {
	return silent(networked(Endpoint{
		ID: "deleteInterface", Method: http.MethodDelete, Path: "/interfaces/{id}",
		Summary: "Take a host out of a subnet, with what binds the interface",
	}), newInventory, (*network.Inventory).DeleteInterface)
}

func BulkDeleteInterfaces() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkDeleteInterfaces", Method: http.MethodPost, Path: "/interfaces/bulk-delete",
		Summary: "Remove up to 10,000 interfaces, in parts that are each whole", InParts: true, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkDeleteInterfaces)
}

func ExportInterfaces() Endpoint {
	return answering(networked(Endpoint{
		ID: "exportInterfaces", Method: http.MethodGet, Path: "/interfaces/export/csv",
		Summary: "Give interfaces as a table", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ExportInterfaces)
}
