// Package api is everything HTTP, once: the endpoint type, the table of all
// endpoints, decoding, error bodies and the documents made from the table.
package api

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"time"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/tenant"
)

// Endpoint is one operation: how it is reached, what it needs, what it does.
// It is made by a function of its own, never held in a package variable, so
// that a Lambda links only the operation it serves.
type Endpoint struct {
	ID      string // the operation's name, and its Lambda's
	Method  string
	Path    string // as in "/v1/projects/{projectId}"
	Summary string
	Success int // status of an answer without error; where nothing is said, 200, or 204 without a body

	Scope    tenant.Scope
	Also     tenant.Scope // needed beside Scope; empty: none
	Access   Access       // to the table
	Plans    PlanAccess
	MemoryMB int
	Timeout  time.Duration
	Secret   bool           // its answer holds a secret, which is never kept
	Personal bool           // what it does is its caller's own, and an Idempotency-Key, too
	InParts  bool           // each of its transactions is whole, and the same request again finishes what failed
	Errors   []*fault.Error // besides those that every endpoint has

	params *shape.Params
	body   *shape.Body  // nil: the request has none
	answer reflect.Type // nil: the answer has no body
	tagged bool         // the answer has an ETag
	bind   func(Deps) operation

	unsigned reflect.Type         // answer without names of actors
	admit    func(Deps) admission // nil: a key with the scope opens it
}

// Public tells whether the endpoint needs no key: its path holds a share token.
func (e Endpoint) Public() bool { return e.admit != nil }

// scopeFor is the scope of an API that a method needs.
func scopeFor(method string, read, write tenant.Scope) tenant.Scope {
	if method == http.MethodGet {
		return read
	}
	return write
}

// require gives a forbidden error that names the first scope which the caller lacks.
func (e Endpoint) require(p tenant.Principal) error {
	err := p.Require(e.Scope)
	if err == nil && e.Also != "" {
		err = p.Require(e.Also)
	}
	return err
}

// Access is what an endpoint does to the table, as a set of the store's calls
// and ops. Its Lambda is granted exactly that.
type Access uint8

const (
	MayGet Access = 1 << iota
	MayRange
	MayPut
	MayDelete
	MayCheck
)

// PlanAccess is what an endpoint does to the keys that the gateway itself has
// in its usage plans. A Lambda that does nothing to them does not link what it takes.
type PlanAccess uint8

const (
	MayAttach PlanAccess = 1 << iota
	MayDetach
)

// Deps is what the operations of all domains are made from.
type Deps struct {
	Store       store.Store
	Gateway     tenant.Gateway // nil: there is none
	Now         func() time.Time
	MaxProjects int // of a workspace
}

// MaxProjects of a workspace, where a host sets no other limit.
const MaxProjects = 100_000

// operation decodes a request, does it and gives the answer to encode.
type operation func(context.Context, tenant.Principal, *http.Request) (any, error)

// admission tells who sent a request, and gives its operation a context.
type admission func(context.Context, *http.Request) (context.Context, tenant.Principal, error)

// What an endpoint gets where its entry says nothing.
const (
	defaultMemoryMB = 256
	defaultTimeout  = 10 * time.Second
	longTimeout     = 28 * time.Second // just under what the gateway waits
	healthTimeout   = 2 * time.Second
)

// answering completes an entry whose operation answers with a body. In holds
// the request: fields tagged path, query and header, and Body.
func answering[D, In, Out any](e Endpoint, build func(Deps) D, do func(D, context.Context, tenant.Principal, In) (Out, error)) Endpoint {
	e.Success = cmp.Or(e.Success, http.StatusOK)
	e.answer = bodyType(reflect.TypeFor[Out]())
	e.unsigned = bodyType(unsignedType(reflect.TypeFor[Out]()))
	e.tagged = reflect.TypeFor[Out]().Implements(reflect.TypeFor[tagged]())
	return complete(e, build, func(d D, ctx context.Context, p tenant.Principal, in In) (any, error) {
		return do(d, ctx, p, in)
	})
}

// silent completes an entry whose operation answers without a body.
func silent[D, In any](e Endpoint, build func(Deps) D, do func(D, context.Context, tenant.Principal, In) error) Endpoint {
	e.Success = cmp.Or(e.Success, http.StatusNoContent)
	return complete(e, build, func(d D, ctx context.Context, p tenant.Principal, in In) (any, error) {
		return nil, do(d, ctx, p, in)
	})
}

func complete[D, In any](e Endpoint, build func(Deps) D, do func(D, context.Context, tenant.Principal, In) (any, error)) Endpoint {
	if e.MemoryMB == 0 {
		e.MemoryMB = defaultMemoryMB
	}
	if e.Timeout == 0 {
		e.Timeout = defaultTimeout
	}
	if e.Method == http.MethodPost {
		e.Access |= MayGet | MayPut // the record of an Idempotency-Key
	}
	in := reflect.TypeFor[In]()
	e.params = shape.NewParams(in)
	var bodyIndex []int
	if f, ok := in.FieldByName("Body"); ok {
		e.body = shape.FieldBody(f)
		bodyIndex = f.Index
	}
	params, body, success := e.params, e.body, dialectOf(e.Path).success
	e.bind = func(deps Deps) operation {
		domain := build(deps)
		return func(ctx context.Context, p tenant.Principal, r *http.Request) (any, error) {
			var in In
			if err := decodeParams(params, r, &in); err != nil {
				return nil, err
			}
			var err error
			if body != nil {
				err = decodeBody(body, r, reflect.ValueOf(&in).Elem().FieldByIndex(bodyIndex).Addr().Interface())
			} else {
				err = passOver(r)
			}
			if err != nil {
				return nil, err
			}
			answer, err := do(domain, ctx, p, in)
			if err != nil || success == nil {
				return answer, err
			}
			return success(answer), nil
		}
	}
	return e
}
