package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/network"
)

func ListHosts() Endpoint {
	return answering(networked(Endpoint{
		ID: "listHosts", Method: http.MethodGet, Path: "/hosts",
		Summary: "List hosts in order, each with all that is on it", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ListHosts)
}

func CreateHost() Endpoint {
	return answering(networked(Endpoint{
		ID: "createHost", Method: http.MethodPost, Path: "/hosts", Access: MayGet | MayRange | MayPut | MayDelete | MayCheck,
		Summary: "Put a host into a network, with its interfaces, ports and services", Errors: []*fault.Error{network.ErrNotFound},
	}), newInventory, (*network.Inventory).CreateHost)
}

func GetHost() Endpoint {
	return answering(networked(Endpoint{
		ID: "getHost", Method: http.MethodGet, Path: "/hosts/{id}",
		Summary: "Read a host with all that is on it, now or at an instant",
	}), newInventory, (*network.Inventory).GetHost)
}

func UpdateHost() Endpoint {
	return answering(networked(Endpoint{
		ID: "updateHost", Method: http.MethodPut, Path: "/hosts/{id}", Access: MayGet | MayRange | MayPut | MayCheck,
		Summary: "Replace what a host is, and what is on it, all at once", Errors: []*fault.Error{network.ErrConflict},
	}), newInventory, (*network.Inventory).UpdateHost)
}

func DeleteHost() Endpoint {
	return silent(networked(Endpoint{
		ID: "deleteHost", Method: http.MethodDelete, Path: "/hosts/{id}", Access: MayGet | MayRange | MayPut | MayDelete,
		Summary: "Remove a host with all that is on it; its past stays",
	}), newInventory, (*network.Inventory).DeleteHost)
}

func BulkDeleteHosts() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkDeleteHosts", Method: http.MethodPost, Path: "/hosts/bulk-delete", Access: MayGet | MayRange | MayPut | MayDelete,
		Summary: "Remove up to 10,000 hosts, in parts that are each whole", InParts: true, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkDeleteHosts)
}

func ConsolidateHosts() Endpoint {
	return answering(networked(Endpoint{
		ID: "consolidateHosts", Method: http.MethodPut, Path: "/hosts/{id}/consolidate/{other}", Access: MayGet | MayRange | MayPut | MayDelete,
		Summary: "Make two hosts of a network one: what is on the other goes to the destination",
	}), newInventory, (*network.Inventory).ConsolidateHosts)
}

func ExportHosts() Endpoint {
	return answering(networked(Endpoint{
		ID: "exportHosts", Method: http.MethodGet, Path: "/hosts/export/csv",
		Summary: "Give hosts as a table", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ExportHosts)
}
