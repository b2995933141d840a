package api

import (
	"net/http"

	"almanac/internal/catalog"
	"almanac/internal/fault"
	"almanac/internal/tenant"
)

const graphPath = projectPath + "/graph"

func GetEntities() Endpoint {
	return answering(Endpoint{
		ID: "getEntities", Method: http.MethodGet, Path: projectPath + "/entities", Success: http.StatusOK,
		Summary: "Read services, topics, categories, owners and flows and how they relate, now or at an instant",
		Scope:   tenant.CatalogRead, Table: MayGet | MayRange,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetEntities)
}

func GetGraph() Endpoint {
	return answering(Endpoint{
		ID: "getGraph", Method: http.MethodGet, Path: graphPath, Success: http.StatusOK,
		Summary: "Read who produces and consumes which topic, laid out, now or at an instant",
		Scope:   tenant.CatalogRead, Table: MayGet | MayRange, MemoryMB: graphMemoryMB, Timeout: longTimeout,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetGraph)
}

func GetGraphMermaid() Endpoint {
	return answering(Endpoint{
		ID: "getGraphMermaid", Method: http.MethodGet, Path: graphPath + "/mermaid", Success: http.StatusOK,
		Summary: "Read the graph as a Mermaid flowchart, now or at an instant",
		Scope:   tenant.CatalogRead, Table: MayGet | MayRange,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetGraphMermaid)
}

func GetGraphSvg() Endpoint {
	return answering(Endpoint{
		ID: "getGraphSvg", Method: http.MethodGet, Path: graphPath + "/svg", Success: http.StatusOK,
		Summary: "Read the graph as a picture, now or at an instant",
		Scope:   tenant.CatalogRead, Table: MayGet | MayRange, MemoryMB: graphMemoryMB, Timeout: longTimeout,
		Errors: []*fault.Error{catalog.ErrProjectNotFound},
	}, newCatalog, (*catalog.Catalog).GetGraphSvg)
}

// graphMemoryMB is for the time that a layout takes: a Lambda's share of a
// processor goes by its memory.
const graphMemoryMB = 1024
