package api

import (
	"net/http"

	"almanac/internal/network"
	"almanac/internal/tenant"
)

func ListNetworks() Endpoint {
	return answering(networked(Endpoint{
		ID: "listNetworks", Method: http.MethodGet, Path: "/networks",
		Summary: "List networks, now or at an instant", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ListNetworks)
}

func CreateNetwork() Endpoint {
	return answering(networked(Endpoint{
		ID: "createNetwork", Method: http.MethodPost, Path: "/networks",
		Summary: "Make a network in which nothing is yet", Also: tenant.Admin, Access: MayGet | MayPut,
	}), newInventory, (*network.Inventory).CreateNetwork)
}

func GetNetwork() Endpoint {
	return answering(networked(Endpoint{
		ID: "getNetwork", Method: http.MethodGet, Path: "/networks/{id}",
		Summary: "Read a network, now or at an instant, also when it is deleted",
	}), newInventory, (*network.Inventory).GetNetwork)
}

func UpdateNetwork() Endpoint {
	return answering(networked(Endpoint{
		ID: "updateNetwork", Method: http.MethodPut, Path: "/networks/{id}",
		Summary: "Give a network another name and other tags", Also: tenant.Admin, Access: MayGet | MayPut,
	}), newInventory, (*network.Inventory).UpdateNetwork)
}

func DeleteNetwork() Endpoint {
	return silent(networked(Endpoint{
		ID: "deleteNetwork", Method: http.MethodDelete, Path: "/networks/{id}",
		Summary: "Remove a network with everything in it, at one instant; its past stays", Also: tenant.Admin,
		MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).DeleteNetwork)
}

func BulkDeleteNetworks() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkDeleteNetworks", Method: http.MethodPost, Path: "/networks/bulk-delete",
		Summary: "Remove up to 10,000 networks, one after the other, each at one instant", InParts: true, Also: tenant.Admin,
		MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkDeleteNetworks)
}

func ExportNetworks() Endpoint {
	return answering(networked(Endpoint{
		ID: "exportNetworks", Method: http.MethodGet, Path: "/networks/export/csv",
		Summary: "Give networks as a table", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ExportNetworks)
}

func GetNetworkDiff() Endpoint {
	return answering(networked(Endpoint{
		ID: "getNetworkDiff", Method: http.MethodGet, Path: "/networks/{id}/diff",
		Summary: "Compare a network with all in it at two instants", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).GetNetworkDiff)
}
