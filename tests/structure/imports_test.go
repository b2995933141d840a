package structure

import (
	"slices"
	"strings"
	"testing"
)

// mayImport lists, for each part of the module, the other parts that it may
// import. A part is a folder with all below it; the longest name counts.
var mayImport = map[string][]string{
	"internal/fault": {},
	"internal/etag":  {},
	"internal/shape": {"internal/fault"},

	"internal/store": {},

	"internal/timeline": {"internal/store"},
	"internal/tenant":   {"internal/timeline", "internal/limit", "internal/fault", "internal/store"},
	"internal/limit":    {"internal/store"},

	"internal/catalog": domain,
	"internal/network": domain,
	"internal/compute": domain,

	"internal/api": {"internal/catalog", "internal/network", "internal/compute",
		"internal/timeline", "internal/tenant", "internal/limit", "internal/store", "internal/shape", "internal/etag", "internal/fault"},

	"internal/host/lambdahost": host,
	// It has nothing to do with HTTP.
	"internal/host/lambdahost/announcer":  {"internal/catalog", "internal/store", "internal/host/lambdahost/eventbus"},
	"internal/host/lambdahost/eventbus":   {"internal/catalog"},
	"internal/host/lambdahost/maintainer": {"internal/timeline", "internal/store"},
	"internal/host/maintainer":            {"internal/timeline", "internal/store"},
	"internal/host/localhost":             host,

	"functions": {"internal/api", "internal/host/lambdahost"},
	"cmd":       {"internal"},
	"infra":     {"internal/api"},
	"tests":     {"internal"},
}

var (
	domain = []string{"internal/timeline", "internal/tenant", "internal/store", "internal/shape", "internal/etag", "internal/fault"}
	host   = []string{"internal/api", "internal/tenant", "internal/limit", "internal/store", "internal/fault"}
)

// awsKnowers are the only parts that may import what knows AWS.
var awsKnowers = []string{"internal/store/dynamo", "internal/compute/ecs", "internal/host/lambdahost", "infra", "tests"}

func within(path, part string) bool { return path == part || strings.HasPrefix(path, part+"/") }

// partOf is the longest part that path lies in.
func partOf(path string) (string, bool) {
	best := ""
	for part := range mayImport {
		if within(path, part) && len(part) > len(best) {
			best = part
		}
	}
	return best, best != ""
}

func knowsAWS(path string) bool {
	for _, owner := range []string{"github.com/aws", "github.com/awslabs"} {
		if within(path, owner) {
			return true
		}
	}
	return false
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range list(t, "./...") {
		part, ok := partOf(p.rel())
		if !ok {
			t.Errorf("%s lies in no part that has an import rule", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			path := rel(imported)
			if path == "" || within(path, part) {
				continue
			}
			if !slices.ContainsFunc(mayImport[part], func(allowed string) bool { return within(path, allowed) }) {
				t.Errorf("%s imports %s; %s may import only %v", p.ImportPath, imported, part, mayImport[part])
			}
		}
	}
}

func TestOnlyThoseWhoMustKnowAWS(t *testing.T) {
	for _, p := range list(t, "./...") {
		for _, imported := range p.Imports {
			if knowsAWS(imported) && !slices.ContainsFunc(awsKnowers, func(part string) bool { return within(p.rel(), part) }) {
				t.Errorf("%s imports %s; only %v may know AWS", p.ImportPath, imported, awsKnowers)
			}
		}
	}
}

func TestOnlyTheLambdaHostImportsTheLambdaLibraries(t *testing.T) {
	for _, p := range list(t, "./...") {
		for _, imported := range p.Imports {
			lambda := within(imported, "github.com/aws/aws-lambda-go") || within(imported, "github.com/awslabs/aws-lambda-go-api-proxy")
			// The last one is the program that cold starts are compared with.
			if lambda && !slices.Contains([]string{"internal/host/lambdahost", "internal/host/lambdahost/announcer", "internal/host/lambdahost/maintainer", "tests/load/cold/hello"}, p.rel()) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestDomainsKnowNeitherHTTPNorAWS(t *testing.T) {
	for _, p := range list(t, "./internal/...") {
		part, _ := partOf(p.rel())
		below := part == "internal/timeline" || part == "internal/tenant" || part == "internal/limit" || part == "internal/shape" ||
			part == "internal/etag" || part == "internal/fault" || p.rel() == "internal/store"
		ofDomain := slices.Equal(mayImport[part], domain) && !within(p.rel(), "internal/compute/ecs") && !within(p.rel(), "internal/compute/docker")
		if !below && !ofDomain {
			continue
		}
		for _, dep := range p.Deps {
			if dep == "net/http" || knowsAWS(dep) {
				t.Errorf("%s depends on %s", p.ImportPath, dep)
			}
		}
	}
}
