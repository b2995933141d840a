package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/network"
	"almanac/internal/tenant"
)

func ListTags() Endpoint {
	return answering(networked(Endpoint{
		ID: "listTags", Method: http.MethodGet, Path: "/tags",
		Summary: "List the workspace's tags",
	}), newInventory, (*network.Inventory).ListTags)
}

func CreateTag() Endpoint {
	return answering(networked(Endpoint{
		ID: "createTag", Method: http.MethodPost, Path: "/tags",
		Summary: "Make a tag that hosts, services and networks can have", Also: tenant.Admin, Access: MayGet | MayPut,
		Errors: []*fault.Error{network.ErrConflict},
	}), newInventory, (*network.Inventory).CreateTag)
}

func GetTag() Endpoint {
	return answering(networked(Endpoint{
		ID: "getTag", Method: http.MethodGet, Path: "/tags/{id}",
		Summary: "Read a tag, now or at an instant",
	}), newInventory, (*network.Inventory).GetTag)
}

func UpdateTag() Endpoint {
	return answering(networked(Endpoint{
		ID: "updateTag", Method: http.MethodPut, Path: "/tags/{id}",
		Summary: "Replace a tag's name, description and colour", Access: MayGet | MayPut,
		Errors: []*fault.Error{network.ErrConflict},
	}), newInventory, (*network.Inventory).UpdateTag)
}

func DeleteTag() Endpoint {
	return silent(networked(Endpoint{
		ID: "deleteTag", Method: http.MethodDelete, Path: "/tags/{id}",
		Summary: "Remove a tag from the workspace and from all that has it", MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).DeleteTag)
}

func BulkDeleteTags() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkDeleteTags", Method: http.MethodPost, Path: "/tags/bulk-delete",
		Summary: "Remove tags and their links, in parts that are each whole", InParts: true, MemoryMB: surveyMemoryMB, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkDeleteTags)
}

func ExportTags() Endpoint {
	return answering(networked(Endpoint{
		ID: "exportTags", Method: http.MethodGet, Path: "/tags/export/csv",
		Summary: "Give tags as a table",
	}), newInventory, (*network.Inventory).ExportTags)
}

func AssignTags() Endpoint {
	return silent(networked(Endpoint{
		ID: "assignTags", Method: http.MethodPut, Path: "/tags/assign",
		Summary: "Give a host, a service or a network all the tags that it is to have",
	}), newInventory, (*network.Inventory).AssignTags)
}

func BulkAddTag() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkAddTag", Method: http.MethodPost, Path: "/tags/assign/bulk-add",
		Summary: "Add a tag to up to 10,000 hosts, services or networks, in parts that are each whole", InParts: true, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkAddTag)
}

func BulkRemoveTag() Endpoint {
	return answering(networked(Endpoint{
		ID: "bulkRemoveTag", Method: http.MethodPost, Path: "/tags/assign/bulk-remove",
		Summary: "Remove a tag from up to 10,000 hosts, services or networks, in parts that are each whole", InParts: true, Timeout: longTimeout,
	}), newInventory, (*network.Inventory).BulkRemoveTag)
}
