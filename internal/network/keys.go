package network

import (
	"strings"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// networksOf is the directory of a workspace's networks. Each is a scope; what
// is in it are documents under the keys below.
func networksOf(workspace string) string { return "WORKSPACE#" + workspace + "#NETWORKS" }

func networkScope(workspace, id string) timeline.Scope {
	return timeline.Scope{Directory: networksOf(workspace), ID: id}
}

const hostPrefix = "host/"

func hostKey(id string) string { return hostPrefix + id }

// hostIDOf is the host whose document has a key, if it is one.
func hostIDOf(key string) (string, bool) { return strings.CutPrefix(key, hostPrefix) }

// pointers are the partition in which the documents are found that may hold
// something by its id. There are 256 a workspace, to spread the reads.
func pointers(workspace, id string) string { return "WORKSPACE#" + workspace + "#POINTERS#" + id[:2] }

// pointerTo leads from a family of ids to a document of a network. It is a
// hint: it is there before the document and stays when that is gone, for reads
// of the past. Who follows it looks whether the document holds the id.
func pointerTo(workspace, id, network, key string) store.Item {
	return store.Item{
		Key:  store.Key{Partition: pointers(workspace, id), Sort: family(id) + "#" + network + "#" + key},
		Body: nil,
	}
}

// pointersOf selects the pointers of an id's family.
func pointersOf(workspace, id string) store.Query {
	f := family(id)
	return store.Query{Partition: pointers(workspace, id), From: f + "#", To: f + "$"}
}

// references are the partition in which the documents are found that may refer
// to a service of the catalog by a slug.
func references(workspace string, ref CatalogRef) string {
	return "WORKSPACE#" + workspace + "#REFERENCES#" + string(ref.ProjectID) + "#" + string(ref.Slug)
}

// pointerFrom leads from a reference to the catalog to a document of a network.
// It is a hint, as pointerTo is.
func pointerFrom(workspace string, ref CatalogRef, to place) store.Item {
	return store.Item{Key: store.Key{Partition: references(workspace, ref), Sort: to.network + "#" + to.key}}
}

// referringPlace reads the place of a pointer from a reference.
func referringPlace(pointer store.Item) place {
	network, key, _ := strings.Cut(pointer.Sort, "#")
	return place{network, key}
}

// place is a document of a network.
type place struct{ network, key string }

func placeOf(pointer store.Item) place {
	_, rest, _ := strings.Cut(pointer.Sort, "#")
	network, key, _ := strings.Cut(rest, "#")
	return place{network, key}
}
