package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/network"
)

func ListSubnets() Endpoint {
	return answering(networked(Endpoint{
		ID: "listSubnets", Method: http.MethodGet, Path: "/subnets",
		Summary: "List subnets of networks", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ListSubnets)
}

func CreateSubnet() Endpoint {
	return answering(networked(Endpoint{
		ID: "createSubnet", Method: http.MethodPost, Path: "/subnets",
		Summary: "Give a network a range of addresses", Access: MayGet | MayPut, Errors: []*fault.Error{network.ErrNotFound},
	}), newInventory, (*network.Inventory).CreateSubnet)
}

func GetSubnet() Endpoint {
	return answering(networked(Endpoint{
		ID: "getSubnet", Method: http.MethodGet, Path: "/subnets/{id}",
		Summary: "Read a subnet, now or at an instant",
	}), newInventory, (*network.Inventory).GetSubnet)
}

func UpdateSubnet() Endpoint {
	return answering(networked(Endpoint{
		ID: "updateSubnet", Method: http.MethodPut, Path: "/subnets/{id}",
		Summary: "Replace a subnet's name and range", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).UpdateSubnet)
}

func DeleteSubnet() Endpoint {
	return silent(networked(Endpoint{
		ID: "deleteSubnet", Method: http.MethodDelete, Path: "/subnets/{id}",
		Summary: "Remove a subnet with its interfaces on all hosts", Access: MayGet | MayRange | MayPut | MayDelete, MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).DeleteSubnet)
}

func BulkDeleteSubnets() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkDeleteSubnets", Method: http.MethodPost, Path: "/subnets/bulk-delete",
		Summary: "Remove up to 10,000 subnets with their interfaces, in parts that are each whole", InParts: true, Access: MayGet | MayRange | MayPut | MayDelete, MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkDeleteSubnets)
}

func ExportSubnets() Endpoint {
	return answering(networked(Endpoint{
		ID: "exportSubnets", Method: http.MethodGet, Path: "/subnets/export/csv",
		Summary: "Give subnets as a table", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).ExportSubnets)
}
