package tenant

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/timeline"
)

type CreateKeyInput struct {
	Body NewKey
}

type NewKey struct {
	Name      string            `json:"name" check:"required,notBlank,minLength=1,maxLength=60" doc:"What is shown as the author of what the key writes; two keys may have one name" example:"ci"`
	Scopes    []Scope           `json:"scopes" check:"required,minItems=1,maxItems=20,items.enum=catalog:read|catalog:write|network:read|network:write|compute:read|compute:write|admin" doc:"What the key may do, none of it more than the key that makes it; admin is for keys, and with network:write for networks and for making tags" example:"[\"catalog:write\"]"`
	Plan      Plan              `json:"plan" check:"required,enum=free|standard" doc:"How much the key may ask for, no more than the key that makes it" example:"standard"`
	ExpiresAt *timeline.Instant `json:"expiresAt" check:"nullable" doc:"From when on the key opens nothing; absent or null means never" example:"2027-01-01T00:00:00Z"`
}

// CreatedKey is a key with its secret.
type CreatedKey struct {
	Key
	Secret string `json:"key" doc:"The secret to send as Authorization: Bearer; it is shown only now" example:"alm_0123456789ABCDEFGHIJKLMNOPQRSTUVWX0TeJoD"`
}

// CreateKey makes a key that grants no more than its caller's, or ErrKeyLimit.
// An error leaves no key that opens anything, but for one of the store that
// gives no verdict: then the key is whole, and its secret is lost.
func (i *Issuer) CreateKey(ctx context.Context, p Principal, in CreateKeyInput) (CreatedKey, error) {
	return i.CreateKeyAs(ctx, p, uuid.NewString(), in.Body)
}

// CreateKeyAs is CreateKey with an id that the caller chose and nobody has.
func (i *Issuer) CreateKeyAs(ctx context.Context, p Principal, id string, in NewKey) (CreatedKey, error) {
	record, err := i.newRecord(p, id, in)
	if err != nil {
		return CreatedKey{}, err
	}
	secret := NewSecret()
	listed, err := i.issue(ctx, record, p.Label, secret, i.store.Transact)
	return CreatedKey{keyOf(listed), secret}, err
}

// CreateOwnerKey makes an owner key on the host, and its workspace where it is
// not there. An error leaves what one of CreateKey does.
func (i *Issuer) CreateOwnerKey(ctx context.Context, workspace, label string, plan Plan, secret string) error {
	keys := NewKeys(i.store, i.now)
	_, err := i.issue(ctx, keyRecord{
		ID: uuid.NewString(), Workspace: workspace, Label: label, Role: Owner, Plan: plan, CreatedAt: i.now().UnixMilli(),
	}, "", secret, func(ctx context.Context, ops ...store.Op) error { return keys.save(ctx, workspace, true, ops...) })
	return err
}

// issue makes a key known to the gateway and then saves it.
func (i *Issuer) issue(ctx context.Context, r keyRecord, createdBy, secret string, save func(context.Context, ...store.Op) error) (listedRecord, error) {
	preparing := store.Preparing(ctx)
	all, err := i.all(ctx, r.Workspace)
	if err == nil {
		err = i.sweep(preparing, r.Workspace, all)
	}
	if err != nil {
		return listedRecord{}, err
	}
	all = slices.DeleteFunc(all, func(r listedRecord) bool { return r.RevokedAt != 0 })
	if len(all) >= MaxKeys {
		return listedRecord{}, ErrKeyLimit
	}
	listed, ops, err := putNew(r, createdBy, secret)
	if err != nil {
		return listedRecord{}, err
	}
	if i.gateway == nil {
		return listed, save(ctx, ops...)
	}
	mark, err := i.pending(r.Workspace, r.ID, attaching)
	if err != nil {
		return listedRecord{}, err
	}
	if err := i.store.Transact(preparing, store.Put(mark, store.Absent())); err != nil {
		return listedRecord{}, err
	}
	if err := i.gateway.Attach(ctx, r.ID, r.Plan); err != nil {
		return listedRecord{}, err
	}
	err = save(ctx, append(ops, store.Delete(mark.Key, store.VersionIs(attaching)))...)
	if store.KindOf(err) == store.ConditionFailed {
		// A sweep took the mark away, maybe before the id was attached.
		return listedRecord{}, errTooSlow.Because(errors.Join(err, i.gateway.Detach(ctx, r.ID)))
	}
	return listed, err
}

// newRecord is a key as it was asked for.
func (i *Issuer) newRecord(p Principal, id string, in NewKey) (keyRecord, error) {
	now := timeline.InstantOf(i.now())
	var violations []fault.Violation
	if strings.ContainsFunc(in.Name, unicode.IsControl) {
		violations = append(violations, fault.Violation{Field: "name", Message: "must not hold control characters"})
	}
	if in.ExpiresAt != nil && *in.ExpiresAt <= now {
		violations = append(violations, fault.Violation{Field: "expiresAt", Message: "must be in the future"})
	}
	if violations != nil {
		return keyRecord{}, fault.ValidationFailed(violations...)
	}
	if err := p.mayGrant(in.Scopes, in.Plan); err != nil {
		return keyRecord{}, err
	}
	record := keyRecord{
		ID: id, Workspace: p.Workspace, Label: in.Name,
		Scopes: inOrder(in.Scopes), Plan: in.Plan, CreatedAt: int64(now),
	}
	if in.ExpiresAt != nil {
		record.ExpiresAt = int64(*in.ExpiresAt)
	}
	return record, nil
}

// inOrder gives each scope once, in the order of allScopes.
func inOrder(scopes []Scope) (ordered []Scope) {
	for _, s := range allScopes {
		if slices.Contains(scopes, s) {
			ordered = append(ordered, s)
		}
	}
	return ordered
}
