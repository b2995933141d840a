package api

import (
	"context"
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/store"
)

// public is a GET that needs no key.
func (c Config) public(id string, answer func(context.Context) (any, error)) http.HandlerFunc {
	refuse := c.refuse(notAllowed([]string{http.MethodGet}), http.MethodGet)
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			refuse(w, r)
			return
		}
		x := c.begin(w, r, id)
		body, err := answer(r.Context())
		if err == nil {
			err = writeAnswer(x, r, http.StatusOK, body)
		}
		if err != nil {
			c.fail(x, err)
		}
		c.log(x, err)
	}
}

// Health answers whether the store does.
func Health(c Config) http.HandlerFunc {
	type health struct {
		Status string `json:"status"`
	}
	nothing := store.Key{Partition: "HEALTH", Sort: "HEALTH"}
	return c.public("healthz", func(ctx context.Context) (any, error) {
		ctx, cancel := context.WithTimeout(ctx, healthTimeout)
		defer cancel()
		if _, err := c.Deps.Store.Get(ctx, nothing); err != nil && store.KindOf(err) != store.NotFound {
			return nil, fault.New(fault.Unavailable, "internal_error", "The store does not answer").Because(err)
		}
		return health{"ok"}, nil
	})
}

// Document answers the OpenAPI document of the endpoints.
func Document(c Config, endpoints []Endpoint) http.HandlerFunc {
	doc := OpenAPI(endpoints)
	return c.public("openapi", func(context.Context) (any, error) { return doc, nil })
}
