package tenant

import (
	"encoding/json"
	"fmt"
	"time"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// keyRecord is what is kept of a key wherever it is kept. Instants are
// milliseconds UTC; 0 is none.
type keyRecord struct {
	ID        string  `json:"id"`
	Workspace string  `json:"workspace"`
	Label     string  `json:"label"`
	Role      Role    `json:"role,omitzero"` // of a key made on the host; else Scopes
	Scopes    []Scope `json:"scopes,omitzero"`
	Plan      Plan    `json:"plan,omitzero"`
	CreatedAt int64   `json:"createdAt"`
	ExpiresAt int64   `json:"expiresAt,omitzero"`
	RevokedAt int64   `json:"revokedAt,omitzero"`
}

// secretRecord is kept under the hash of a secret: all that it takes to let a
// caller in, so that this costs one read.
type secretRecord struct {
	keyRecord
	Until int64 `json:"until,omitzero"` // when the secret ends that another one replaced
}

// listedRecord is kept under the workspace. Its version guards the key: who
// writes one of the key's secrets writes it too.
type listedRecord struct {
	keyRecord
	CreatedBy string      `json:"createdBy,omitzero"`
	LastFour  string      `json:"lastFour"`
	Secrets   []secretRef `json:"secrets"` // oldest first; the last one has no end
	// Detached tells that the key expired and the gateway has forgotten it.
	Detached bool `json:"detached,omitzero"`
}

type secretRef struct {
	Hash  string `json:"hash"`
	Until int64  `json:"until,omitzero"`
}

func (r keyRecord) scopes() []Scope {
	if r.Role != "" {
		return r.Role.Scopes()
	}
	return r.Scopes
}

func (r keyRecord) principal() Principal {
	return Principal{Workspace: r.Workspace, ID: r.ID, Label: r.Label, Role: r.Role, Scopes: r.Scopes, Plan: r.Plan}
}

// revokedKept is how long a revoked key, or a secret that was replaced, is
// still told from one that never was.
const revokedKept = 30 * 24 * time.Hour

// removal is the Expires of an item that is of no use from an instant on.
func removal(at int64) int64 {
	if at == 0 {
		return 0
	}
	return time.UnixMilli(at).Add(revokedKept).Unix()
}

func secretKey(hash string) store.Key { return store.Key{Partition: "KEY#" + hash, Sort: "KEY"} }

// keysOf is the partition of a workspace's keys and of the marks of those that
// the gateway has to be told of.
func keysOf(workspace string) string { return "WORKSPACE#" + workspace + "#KEYS" }

const (
	listedPrefix  = "KEY#"
	pendingPrefix = "PENDING#"
)

func listedKey(workspace, id string) store.Key {
	return store.Key{Partition: keysOf(workspace), Sort: listedPrefix + id}
}

// putSecret keeps a secret of a key.
func putSecret(r keyRecord, s secretRef, cond store.Condition) (store.Op, error) {
	body, err := json.Marshal(secretRecord{r, s.Until})
	gone := s.Until
	if r.RevokedAt != 0 {
		gone = r.RevokedAt
	}
	return store.Put(store.Item{Key: secretKey(s.Hash), Version: 1, Body: body, Expires: removal(gone)}, cond), err
}

// putListed keeps a key in the place of an item of version was; 0 is none.
func putListed(r listedRecord, was int64) (store.Op, error) {
	body, err := json.Marshal(r)
	cond := store.VersionIs(was)
	if was == 0 {
		cond = store.Absent()
	}
	return store.Put(store.Item{
		Key: listedKey(r.Workspace, r.ID), Version: was + 1, Body: body, Expires: removal(r.RevokedAt),
	}, cond), err
}

// putNew keeps a new key with its first secret.
func putNew(r keyRecord, createdBy, secret string) (listedRecord, []store.Op, error) {
	ref := secretRef{Hash: hashOf(secret)}
	listed := listedRecord{keyRecord: r, CreatedBy: createdBy, LastFour: lastFour(secret), Secrets: []secretRef{ref}}
	first, err := putSecret(r, ref, store.Absent())
	if err != nil {
		return listed, nil, err
	}
	second, err := putListed(listed, 0)
	return listed, []store.Op{first, second}, err
}

func listedOf(item store.Item) (r listedRecord, err error) {
	if err = json.Unmarshal(item.Body, &r); err != nil {
		err = fmt.Errorf("key %q: %w", item.Sort, err)
	}
	return r, err
}

func lastFour(secret string) string { return secret[max(0, len(secret)-4):] }

// moment is how an error tells an instant.
func moment(ms int64) string { return timeline.Instant(ms).String() }
