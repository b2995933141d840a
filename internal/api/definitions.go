package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/network"
)

const definitionPath = "/service-definitions/{id}"

func GetServiceDefinition() Endpoint {
	return answering(networked(Endpoint{
		ID: "getServiceDefinition", Method: http.MethodGet, Path: definitionPath,
		Summary: "Read a kind of service, one of the workspace's also at an instant",
	}), newInventory, (*network.Inventory).GetServiceDefinition)
}

func PutServiceDefinition() Endpoint {
	return answering(networked(Endpoint{
		ID: "putServiceDefinition", Method: http.MethodPut, Path: definitionPath,
		Summary: "Register a kind of service of the workspace's own, or replace it", Access: MayGet | MayPut,
		Errors: []*fault.Error{network.ErrConflict},
	}), newInventory, (*network.Inventory).PutServiceDefinition)
}

func DeleteServiceDefinition() Endpoint {
	return silent(networked(Endpoint{
		ID: "deleteServiceDefinition", Method: http.MethodDelete, Path: definitionPath,
		Summary: "Remove a kind of service of the workspace's that no service is of", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
		Errors: []*fault.Error{network.ErrConflict},
	}), newInventory, (*network.Inventory).DeleteServiceDefinition)
}
