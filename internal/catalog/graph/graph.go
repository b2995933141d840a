// Package graph draws which service produces and consumes which topic: it gives
// every node its place, and writes the whole as Mermaid or as an SVG picture.
// The same graph is always drawn the same, whatever the order it comes in.
package graph

// Types of nodes and edges.
const (
	Service        = "SERVICE"
	Topic          = "TOPIC"
	ServiceToTopic = "SERVICE_TO_TOPIC"
	TopicToService = "TOPIC_TO_SERVICE"
)

// Graph is services and topics, and an edge for each that one produces or consumes.
type Graph struct {
	Nodes []Node `json:"nodes" doc:"Services and topics in the order of their ids"`
	Edges []Edge `json:"edges" doc:"From a producer to its topic, from a topic to its consumer"`
}

// Node is a service or a topic with its place: a box whose upper left corner
// is at x, y, with y growing downwards, in CSS pixels.
type Node struct {
	ID            string   `json:"id" doc:"service-- or messaging-- and the slug" example:"service--order-api"`
	Type          string   `json:"type" check:"enum=SERVICE|TOPIC" doc:"SERVICE or TOPIC"`
	Label         string   `json:"label" doc:"The name"`
	Width         int      `json:"width" doc:"Of its box; pixels"`
	Height        int      `json:"height" doc:"Of its box; pixels"`
	X             int      `json:"x" doc:"Left side of its box; pixels"`
	Y             int      `json:"y" doc:"Upper side of its box; pixels"`
	Category      string   `json:"category,omitzero" doc:"Id of its category" example:"category--billing"`
	CategoryLabel string   `json:"categoryLabel,omitzero" doc:"Name of its category"`
	CategoryColor string   `json:"categoryColor,omitzero" doc:"Colour of its category" example:"#1d6fb8"`
	Owner         string   `json:"owner,omitzero" doc:"Id of its owner" example:"owner--payments-team"`
	OwnerLabel    string   `json:"ownerLabel,omitzero" doc:"Name of its owner"`
	OwnerColor    string   `json:"ownerColor,omitzero" doc:"Colour of its owner" example:"#1d6fb8"`
	Flows         []string `json:"flows" doc:"Ids of the flows that it is in"`
	FlowLabels    []string `json:"flowLabels" doc:"Their names, in the same order"`
	FlowColors    []string `json:"flowColors" doc:"Their colours, in the same order"`
}

// Edge leads from a node to another of the same graph.
type Edge struct {
	ID     string `json:"id" doc:"Made from the ids of its ends"`
	Type   string `json:"type" check:"enum=SERVICE_TO_TOPIC|TOPIC_TO_SERVICE" doc:"SERVICE_TO_TOPIC or TOPIC_TO_SERVICE"`
	Source string `json:"source" doc:"Id of the node that it leaves"`
	Target string `json:"target" doc:"Id of the node that it leads to"`
}
