package catalog

import (
	"strings"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// projectsOf is the directory of a workspace's projects.
func projectsOf(workspace string) string { return "WORKSPACE#" + workspace + "#PROJECTS" }

// workspaceOf is the workspace whose projects a directory holds.
func workspaceOf(directory string) (string, bool) {
	workspace, ok := strings.CutPrefix(directory, "WORKSPACE#")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(workspace, "#PROJECTS")
}

func projectScope(workspace, projectID string) timeline.Scope {
	return timeline.Scope{Directory: projectsOf(workspace), ID: projectID}
}

// projectCountKey holds how many projects a workspace has, as its version.
func projectCountKey(workspace string) store.Key {
	return store.Key{Partition: "WORKSPACE#" + workspace, Sort: "COUNT#PROJECTS"}
}

// pinsOf is the partition of the pins of an actor, each under its project's id.
func pinsOf(workspace, actor string) string { return "WORKSPACE#" + workspace + "#PINS#" + actor }

// shareKey holds under which token a project is shared.
func shareKey(workspace, projectID string) store.Key {
	return store.Key{Partition: "WORKSPACE#" + workspace + "#SHARES", Sort: projectID}
}

// tokenKey holds which project a share token leads to, under the token's hash.
func tokenKey(hash string) store.Key { return store.Key{Partition: "SHARE#" + hash, Sort: "SHARE"} }
