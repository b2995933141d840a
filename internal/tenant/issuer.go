package tenant

import (
	"context"
	"time"

	"github.com/google/uuid"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/timeline"
)

// Issuer does the operations on the keys of a workspace: its caller's. One
// operation is one file.
type Issuer struct {
	store   store.Store
	now     func() time.Time
	gateway Gateway
}

// NewIssuer makes an Issuer. A nil gateway is none: a laptop.
func NewIssuer(s store.Store, now func() time.Time, gateway Gateway) *Issuer {
	return &Issuer{s, now, gateway}
}

// MaxKeys is how many keys a workspace may have, those revoked not counted. It
// keeps the list of all of them short enough for one answer.
const MaxKeys = 1000

var (
	ErrKeyNotFound = fault.New(fault.NotFound, "not_found", "Key not found")
	ErrKeyLimit    = fault.New(fault.Conflict, "conflict", "Key limit reached").
			Detailf("a workspace has at most %d keys; delete one that is not used", MaxKeys)
	ErrKeyConflict = fault.New(fault.Conflict, "conflict", "Key conflict")

	errTooSlow = fault.New(fault.Unavailable, "internal_error", "The key was not made in time; try again")
)

// Key is a key as its workspace sees it: never its secret.
type Key struct {
	ID        string           `json:"id" doc:"Never changes, in a rotation neither" example:"7d1c2c64-0f5e-4a3a-9a53-2f3d5e1f9b10"`
	Name      string           `json:"name" doc:"What is shown as the author of what the key writes" example:"ci"`
	Scopes    []Scope          `json:"scopes" doc:"What the key may do; a write scope includes the read scope of the same API"`
	Role      Role             `json:"role,omitzero" doc:"The role that its scopes come from; only of a key that was made on the host" example:"owner"`
	Plan      Plan             `json:"plan" doc:"How much the key may ask for" example:"standard"`
	LastFour  string           `json:"lastFour" doc:"The last four characters of its newest secret, to recognise it by" example:"4kQ0"`
	CreatedAt timeline.Instant `json:"createdAt" doc:"UTC, in milliseconds"`
	CreatedBy string           `json:"createdBy,omitzero" doc:"Name of the key that made it; absent of a key that was made on the host"`
	ExpiresAt timeline.Instant `json:"expiresAt,omitzero" doc:"From then on the key opens nothing; absent means never"`
	RevokedAt timeline.Instant `json:"revokedAt,omitzero" doc:"Since when the key opens nothing, because it was deleted; it is shown for 30 days more"`
}

func keyOf(r listedRecord) Key {
	plan := r.Plan
	if plan == "" {
		plan = Standard
	}
	return Key{
		ID:        r.ID,
		Name:      r.Label,
		Scopes:    r.scopes(),
		Role:      r.Role,
		Plan:      plan,
		LastFour:  r.LastFour,
		CreatedAt: timeline.Instant(r.CreatedAt),
		CreatedBy: r.CreatedBy,
		ExpiresAt: timeline.Instant(r.ExpiresAt),
		RevokedAt: timeline.Instant(r.RevokedAt),
	}
}

// listed reads a key of a workspace with its item, or ErrKeyNotFound.
func (i *Issuer) listed(ctx context.Context, workspace, id string) (listedRecord, store.Item, error) {
	if uuid.Validate(id) != nil {
		return listedRecord{}, store.Item{}, ErrKeyNotFound
	}
	item, err := i.store.Get(ctx, listedKey(workspace, id))
	if store.KindOf(err) == store.NotFound || err == nil && i.removed(item) {
		return listedRecord{}, store.Item{}, ErrKeyNotFound
	}
	if err != nil {
		return listedRecord{}, store.Item{}, err
	}
	r, err := listedOf(item)
	return r, item, err
}

// all reads the keys of a workspace.
func (i *Issuer) all(ctx context.Context, workspace string) ([]listedRecord, error) {
	items, err := i.store.Range(ctx, store.Query{
		Partition: keysOf(workspace), From: listedPrefix, To: listedPrefix + maxID,
	})
	if err != nil {
		return nil, err
	}
	all := make([]listedRecord, 0, len(items))
	for _, item := range items {
		if i.removed(item) {
			continue
		}
		r, err := listedOf(item)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// maxID orders behind every id.
const maxID = "~"

func (i *Issuer) removed(item store.Item) bool {
	return item.Expires != 0 && i.now().Unix() >= item.Expires
}
