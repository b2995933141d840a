package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/network"
)

func ListBindings() Endpoint {
	return answering(networked(Endpoint{
		ID: "listBindings", Method: http.MethodGet, Path: "/bindings",
		Summary: "List where services listen", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ListBindings)
}

func CreateBinding() Endpoint {
	return answering(networked(Endpoint{
		ID: "createBinding", Method: http.MethodPost, Path: "/bindings",
		Summary: "Make a service listen somewhere else, too", Errors: []*fault.Error{network.ErrNotFound, network.ErrConflict},
	}), newInventory, (*network.Inventory).CreateBinding)
}

func GetBinding() Endpoint {
	return answering(networked(Endpoint{
		ID: "getBinding", Method: http.MethodGet, Path: "/bindings/{id}",
		Summary: "Read a binding, now or at an instant",
	}), newInventory, (*network.Inventory).GetBinding)
}

func UpdateBinding() Endpoint {
	return answering(networked(Endpoint{
		ID: "updateBinding", Method: http.MethodPut, Path: "/bindings/{id}",
		Summary: "Make a service listen somewhere else instead", Errors: []*fault.Error{network.ErrConflict},
	}), newInventory, (*network.Inventory).UpdateBinding)
}

func DeleteBinding() Endpoint {
	return silent(networked(Endpoint{
		ID: "deleteBinding", Method: http.MethodDelete, Path: "/bindings/{id}",
		Summary: "Make a service no longer listen somewhere",
	}), newInventory, (*network.Inventory).DeleteBinding)
}

func BulkDeleteBindings() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkDeleteBindings", Method: http.MethodPost, Path: "/bindings/bulk-delete",
		Summary: "Remove up to 10,000 bindings, in parts that are each whole", InParts: true, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkDeleteBindings)
}

func ExportBindings() Endpoint {
	return answering(networked(Endpoint{
		ID: "exportBindings", Method: http.MethodGet, Path: "/bindings/export/csv",
		Summary: "Give bindings as a table", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ExportBindings)
}
