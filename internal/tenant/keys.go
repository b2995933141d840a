package tenant

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"

	"github.com/google/uuid"
)

// Keys opens workspaces by their keys.
type Keys struct {
	store     store.Store
	now       func() time.Time
	ownerHash string // of the key that the environment set for Local; empty: none
}

// Local is the workspace of a laptop.
const Local = "local"

// NewKeys knows the keys that a store holds.
func NewKeys(s store.Store, now func() time.Time) *Keys { return &Keys{store: s, now: now} }

// WithOwnerKey makes secret an owner key of Local that is kept nowhere.
func (k *Keys) WithOwnerKey(secret string) *Keys {
	c := *k
	c.ownerHash = hashOf(secret)
	return &c
}

// workspaceRecord is what is kept of a workspace.
type workspaceRecord struct {
	CreatedAt int64 `json:"createdAt"` // ms UTC
	// Keyed tells whether a key was ever made: until then, the next start
	// without a key from the environment makes the first one.
	Keyed bool `json:"keyed"`
}

func workspaceKey(name string) store.Key { return store.Key{Partition: "WORKSPACES", Sort: name} }

var (
	errUnauthorized = fault.New(fault.Unauthenticated, "unauthorized", "Authentication required")
	errNoKey        = errUnauthorized.Detailf("send the header Authorization: Bearer <key>")
	errMistyped     = errUnauthorized.Detailf("the key is mistyped: it does not match its own checksum")
	errForeign      = errUnauthorized.Detailf("no such key: those that are made here begin with %s", secretPrefix)
	errUnknown      = errUnauthorized.Detailf("no such key")
)

// Authenticate tells who sent the values of an Authorization header.
func (k *Keys) Authenticate(ctx context.Context, authorization []string) (Principal, error) {
	if len(authorization) != 1 {
		return Principal{}, errNoKey
	}
	scheme, secret, _ := strings.Cut(authorization[0], " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return Principal{}, errNoKey
	}
	hash := hashOf(secret)
	if k.ownerHash != "" && subtle.ConstantTimeCompare([]byte(hash), []byte(k.ownerHash)) == 1 {
		return Principal{Workspace: Local, ID: "owner", Label: "owner", Role: Owner}, nil
	}
	if !strings.HasPrefix(secret, secretPrefix) {
		return Principal{}, errForeign // such as another system's token
	}
	if !wellFormed(secret) {
		return Principal{}, errMistyped
	}
	item, err := k.store.Get(ctx, secretKey(hash))
	if store.KindOf(err) == store.NotFound {
		return Principal{}, errUnknown
	}
	if err != nil {
		return Principal{}, err
	}
	var record secretRecord
	if err := json.Unmarshal(item.Body, &record); err != nil {
		return Principal{}, fmt.Errorf("key record: %w", err)
	}
	if err := record.mayEnter(k.now().UnixMilli()); err != nil {
		return Principal{}, err
	}
	return record.principal(), nil
}

// mayEnter returns an unauthorized error that says why a secret no longer opens anything.
func (r secretRecord) mayEnter(now int64) error {
	switch {
	case r.RevokedAt != 0:
		return errUnauthorized.Detailf("the key was revoked at %s", moment(r.RevokedAt))
	case r.ExpiresAt != 0 && now >= r.ExpiresAt:
		return errUnauthorized.Detailf("the key expired at %s", moment(r.ExpiresAt))
	case r.Until != 0 && now >= r.Until:
		return errUnauthorized.Detailf("the key was rotated; the secret that was sent ended at %s", moment(r.Until))
	}
	return nil
}

// Workspace tells whether a workspace exists and whether it ever had a key.
func (k *Keys) Workspace(ctx context.Context, name string) (exists, keyed bool, err error) {
	record, item, err := k.workspace(ctx, name)
	return item.Version > 0, record.Keyed, err
}

func (k *Keys) workspace(ctx context.Context, name string) (record workspaceRecord, item store.Item, err error) {
	item, err = k.store.Get(ctx, workspaceKey(name))
	if store.KindOf(err) == store.NotFound {
		return workspaceRecord{CreatedAt: k.now().UnixMilli()}, store.Item{Key: workspaceKey(name)}, nil
	}
	if err == nil {
		err = json.Unmarshal(item.Body, &record)
	}
	return record, item, err
}

// CreateWorkspace makes a workspace without a key, unless it is there.
func (k *Keys) CreateWorkspace(ctx context.Context, name string) error {
	return k.save(ctx, name, false)
}

// CreateKey keeps an owner key of a workspace, which is made if it is not there.
func (k *Keys) CreateKey(ctx context.Context, workspace, label, secret string) error {
	_, ops, err := putNew(keyRecord{
		ID: uuid.NewString(), Workspace: workspace, Label: label, Role: Owner, CreatedAt: k.now().UnixMilli(),
	}, "", secret)
	if err != nil {
		return err
	}
	return k.save(ctx, workspace, true, ops...)
}

// save writes the workspace's record, where it changes, with the ops, whose
// own conditions it reports as Transact does.
func (k *Keys) save(ctx context.Context, name string, keyed bool, also ...store.Op) error {
	for {
		record, item, err := k.workspace(ctx, name)
		if err != nil {
			return err
		}
		cond := store.VersionIs(item.Version)
		if item.Version == 0 {
			cond = store.Absent()
		}
		ops := also
		if item.Version == 0 || keyed && !record.Keyed {
			record.Keyed = record.Keyed || keyed
			if item.Body, err = json.Marshal(record); err != nil {
				return err
			}
			item.Version++
			ops = append(ops[:len(ops):len(ops)], store.Put(item, cond))
		}
		if len(ops) == 0 {
			return nil
		}
		err = k.store.Transact(ctx, ops...)
		failed, ok := errors.AsType[*store.Error](err)
		if ok && (failed.Kind == store.Conflict || failed.Kind == store.ConditionFailed && failed.Op >= len(also)) {
			continue // the workspace's record has changed
		}
		return err
	}
}
