package api

import (
	"context"
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/network"
	"almanac/internal/tenant"
)

// bridge answers what takes two domains, neither of which knows the other.
type bridge struct {
	catalog   *catalog.Catalog
	inventory *network.Inventory
}

func newBridge(d Deps) bridge { return bridge{newCatalog(d), newInventory(d)} }

func GetServiceNetwork() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getServiceNetwork", Method: http.MethodGet, Path: servicePath + "/network",
		Summary: "List where a service listens in the network, now or at an instant", Also: tenant.NetworkRead,
		MemoryMB: 512, Timeout: longTimeout, // it reads all hosts of a network at most
	}), newBridge, bridge.getServiceNetwork)
}

type getServiceNetworkInput struct {
	catalog.GetServiceInput
	network.ListeningPage
}

// getServiceNetwork finds the service by the catalog, and what refers to it, by
// all slugs that mean it, by the network.
func (b bridge) getServiceNetwork(ctx context.Context, p tenant.Principal, in getServiceNetworkInput) (network.Listening, error) {
	at, slugsAt, err := in.Instants(in.At)
	if err != nil {
		return network.Listening{}, err
	}
	in.At = slugsAt
	slugs, read, err := b.catalog.ServiceSlugs(ctx, p, in.GetServiceInput)
	if err != nil {
		return network.Listening{}, err
	}
	asked := network.ListeningInput{ProjectID: network.CatalogID(in.ProjectID), SlugsAt: read, At: at, ListeningPage: in.ListeningPage}
	for _, slug := range slugs {
		asked.Slugs = append(asked.Slugs, network.CatalogID(slug))
	}
	return b.inventory.Listening(ctx, p, asked)
}
