package api

import (
	"net/http"

	"almanac/internal/catalog"
)

const graphPath = projectPath + "/graph"

func GetEntities() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getEntities", Method: http.MethodGet, Path: projectPath + "/entities",
		Summary: "Read services, topics, categories, owners and flows and how they relate, now or at an instant",
	}), newCatalog, (*catalog.Catalog).GetEntities)
}

func GetGraph() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getGraph", Method: http.MethodGet, Path: graphPath,
		Summary: "Read who produces and consumes which topic, laid out, now or at an instant", MemoryMB: graphMemoryMB, Timeout: longTimeout,
	}), newCatalog, (*catalog.Catalog).GetGraph)
}

func GetGraphMermaid() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getGraphMermaid", Method: http.MethodGet, Path: graphPath + "/mermaid",
		Summary: "Read the graph as a Mermaid flowchart, now or at an instant",
	}), newCatalog, (*catalog.Catalog).GetGraphMermaid)
}

func GetGraphSvg() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getGraphSvg", Method: http.MethodGet, Path: graphPath + "/svg",
		Summary: "Read the graph as a picture, now or at an instant", MemoryMB: graphMemoryMB, Timeout: longTimeout,
	}), newCatalog, (*catalog.Catalog).GetGraphSvg)
}

// graphMemoryMB is for the time that a layout takes: a Lambda's share of a
// processor goes by its memory.
const graphMemoryMB = 1024
