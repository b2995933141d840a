package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/network"
)

func ListPorts() Endpoint {
	return answering(networked(Endpoint{
		ID: "listPorts", Method: http.MethodGet, Path: "/ports",
		Summary: "List ports of hosts", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ListPorts)
}

func CreatePort() Endpoint {
	return answering(networked(Endpoint{
		ID: "createPort", Method: http.MethodPost, Path: "/ports",
		Summary: "Open a port on a host", Errors: []*fault.Error{network.ErrNotFound},
	}), newInventory, (*network.Inventory).CreatePort)
}

func GetPort() Endpoint {
	return answering(networked(Endpoint{
		ID: "getPort", Method: http.MethodGet, Path: "/ports/{id}",
		Summary: "Read a port, now or at an instant",
	}), newInventory, (*network.Inventory).GetPort)
}

func UpdatePort() Endpoint {
	return answering(networked(Endpoint{
		ID: "updatePort", Method: http.MethodPut, Path: "/ports/{id}",
		Summary: "Replace a port's number and protocol",
	}), newInventory, (*network.Inventory).UpdatePort)
}

func DeletePort() Endpoint {
	return silent(networked(Endpoint{
		ID: "deletePort", Method: http.MethodDelete, Path: "/ports/{id}",
		Summary: "Close a port, with what binds it",
	}), newInventory, (*network.Inventory).DeletePort)
}

func BulkDeletePorts() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkDeletePorts", Method: http.MethodPost, Path: "/ports/bulk-delete",
		Summary: "Close up to 10,000 ports, in parts that are each whole", InParts: true, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkDeletePorts)
}

func ExportPorts() Endpoint {
	return answering(networked(Endpoint{
		ID: "exportPorts", Method: http.MethodGet, Path: "/ports/export/csv",
		Summary: "Give ports as a table", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ExportPorts)
}
