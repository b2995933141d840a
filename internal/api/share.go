package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"almanac/internal/catalog"
	"almanac/internal/fault"
	"almanac/internal/limit"
	"almanac/internal/shape"
	"almanac/internal/tenant"
)

const (
	shareTokenPath = projectPath + "/public-share-token"
	publicPath     = "/v1/public/{" + tokenParam + "}"
	tokenParam     = "token"
	projectParam   = "projectId"
)

func CreateShareToken() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "createShareToken", Method: http.MethodPost, Path: shareTokenPath,
		Summary: "Share a project with readers without a key, under a new token; the one before opens nothing from now on", Access: MayGet | MayPut | MayDelete | MayCheck,
	}), newCatalog, (*catalog.Catalog).CreateShareToken)
}

// GetShareToken asks for the scope that could make a token: one that was read
// opens the project for longer than the key that read it.
func GetShareToken() Endpoint {
	return answering(catalogued(Endpoint{
		ID: "getShareToken", Method: http.MethodGet, Path: shareTokenPath,
		Summary: "Read the token under which a project is shared", Scope: tenant.CatalogWrite, Access: MayGet,
		Errors: []*fault.Error{catalog.ErrShareTokenNotFound},
	}), newCatalog, (*catalog.Catalog).GetShareToken)
}

func DeleteShareToken() Endpoint {
	return silent(catalogued(Endpoint{
		ID: "deleteShareToken", Method: http.MethodDelete, Path: shareTokenPath,
		Summary: "End the sharing of a project; its token opens nothing from now on", Access: MayGet | MayDelete,
		Errors: []*fault.Error{catalog.ErrShareTokenNotFound},
	}), newCatalog, (*catalog.Catalog).DeleteShareToken)
}

func ListPublicServices() Endpoint      { return public(ListServices()) }
func GetPublicService() Endpoint        { return public(GetService()) }
func GetPublicServiceRaw() Endpoint     { return public(GetServiceRaw()) }
func GetPublicServiceHistory() Endpoint { return public(GetServiceHistory()) }
func GetPublicHistory() Endpoint        { return public(GetHistory()) }
func GetPublicEntities() Endpoint       { return public(GetEntities()) }
func GetPublicGraph() Endpoint          { return public(GetGraph()) }
func GetPublicGraphMermaid() Endpoint   { return public(GetGraphMermaid()) }
func GetPublicGraphSvg() Endpoint       { return public(GetGraphSvg()) }

// public is the twin of an endpoint that reads a project: it answers the same to
// whoever has the project's share token, but for the names of actors. They are
// neither shown nor can they be asked for.
func public(e Endpoint) Endpoint {
	rest, ok := strings.CutPrefix(e.Path, projectPath)
	if !ok || e.Method != http.MethodGet {
		panic(fmt.Errorf("api: %s does not read a project", e.ID))
	}
	verb := strings.IndexFunc(e.ID, unicode.IsUpper)
	e.ID = e.ID[:verb] + "Public" + e.ID[verb:]
	e.Path = publicPath + rest
	e.Scope = ""
	e.Access |= MayGet
	e.Errors = slices.DeleteFunc(slices.Clone(e.Errors), func(f *fault.Error) bool { return f == catalog.ErrProjectNotFound })
	e.Errors = append(e.Errors, catalog.ErrShareTokenNotFound)
	e.answer = e.unsigned
	e.admit = admitShared
	bind, params := e.bind, e.params.Describe()
	e.bind = func(d Deps) operation { return reading(newCatalog(d), withoutNames(params, bind(d))) }
	return e
}

type sharedKey struct{}

// admitShared lets in who has a share token, as a caller that may do nothing
// but what it leads to. What is not let in costs a read at most, and no limit.
func admitShared(d Deps) admission {
	shares := newCatalog(d)
	return func(ctx context.Context, r *http.Request) (context.Context, tenant.Principal, error) {
		shared, err := shares.Shared(ctx, r.PathValue(tokenParam))
		return context.WithValue(ctx, sharedKey{}, shared), tenant.Principal{
			Workspace: shared.Workspace, ID: shared.ID, Plan: tenant.Plan(limit.Shared.Name),
		}, err
	}
}

// reading does an operation on the project that was let in. That it still is
// the one that was shared is asked last, when nothing more is read from it.
func reading(shares *catalog.Catalog, do operation) operation {
	return func(ctx context.Context, p tenant.Principal, r *http.Request) (any, error) {
		shared := ctx.Value(sharedKey{}).(catalog.Shared)
		r.SetPathValue(projectParam, shared.Project)
		answer, err := do(ctx, p, r)
		if gone := shares.Confirm(ctx, shared); gone != nil {
			return nil, gone
		}
		return answer, err
	}
}

// withoutNames does an operation that has these parameters, and keeps the names
// of actors out of its answer, and from being tried out.
func withoutNames(params []shape.Param, do operation) operation {
	return func(ctx context.Context, p tenant.Principal, r *http.Request) (any, error) {
		query := r.URL.Query()
		for _, param := range params {
			if ofActors(param) && query.Has(param.Name) {
				return nil, fault.BadRequest("%s cannot be asked for without a key", param.Name)
			}
		}
		answer, err := do(ctx, p, r)
		if s, ok := answer.(signed); ok && err == nil {
			return s.Unsigned(), nil
		}
		return answer, err
	}
}

// ofActors tells whether a parameter selects by the names of actors.
func ofActors(p shape.Param) bool {
	return p.In == "query" && (p.Name == "actor" || p.Name == "createdBy")
}

// publicParams are those of a public endpoint, from those of its twin.
func publicParams(own []shape.Param) []shape.Param {
	var params []shape.Param
	for _, p := range own {
		switch {
		case p.Name == projectParam:
			params = append(params, shape.Param{
				Name: tokenParam, In: "path", Doc: "The project's share token", Required: true,
				Schema: &shape.Schema{Type: "string", Format: "uuid"},
			})
		case !ofActors(p):
			params = append(params, p)
		}
	}
	return params
}
