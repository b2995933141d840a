package api

import (
	"context"
	"net/http"

	"almanac/internal/network"
	"almanac/internal/tenant"
)

func GetMetadata() Endpoint {
	return answering(networked(Endpoint{
		ID: "getMetadata", Method: http.MethodGet, Path: networkRoot + "/metadata",
		Summary: "List the kinds of services that there are for the workspace",
	}), newInventory, (*network.Inventory).GetMetadata)
}

// ServerVersion is what answers.
type ServerVersion struct {
	APIVersion    int    `json:"api_version" doc:"Version of this API"`
	ServerVersion string `json:"server_version" doc:"Version of the program"`
}

func GetVersion() Endpoint {
	e := networked(Endpoint{
		ID: "getVersion", Method: http.MethodGet, Path: networkRoot + "/version",
		Summary: "Tell the versions of the API and of the program",
	})
	e.Access = 0
	return answering(e, newInventory, func(*network.Inventory, context.Context, tenant.Principal, struct{}) (ServerVersion, error) {
		return ServerVersion{meta().APIVersion, meta().ServerVersion}, nil
	})
}
