package tenant

import (
	"context"
	"slices"
	"time"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// RotationGrace is how long the secret that a rotation replaces still works.
const RotationGrace = 24 * time.Hour

// maxSecrets of one key work at a time.
const maxSecrets = 10

type RotateKeyInput struct {
	KeyID string `path:"keyId" doc:"The key's id" example:"7d1c2c64-0f5e-4a3a-9a53-2f3d5e1f9b10"`
}

// RotatedKey is a key with its new secret.
type RotatedKey struct {
	CreatedKey
	PreviousUntil timeline.Instant `json:"previousUntil" doc:"When the secret before this one ends; UTC, in milliseconds"`
}

// RotateKey gives a key a new secret beside those it has, which end after
// RotationGrace: no sooner, so that a caller who lost the answer may ask again.
// It returns ErrKeyNotFound, or ErrKeyConflict for a key that opens nothing any
// more or has maxSecrets; and forbidden for a key that grants more than the
// caller's, because its secret would be the caller's from then on.
func (i *Issuer) RotateKey(ctx context.Context, p Principal, in RotateKeyInput) (RotatedKey, error) {
	secret := NewSecret()
	for {
		r, item, err := i.listed(ctx, p.Workspace, in.KeyID)
		if err != nil {
			return RotatedKey{}, err
		}
		if err := p.mayGrant(r.scopes(), r.Plan); err != nil {
			return RotatedKey{}, err
		}
		now := i.now().UnixMilli()
		until, err := r.replace(secret, now)
		if err != nil {
			return RotatedKey{}, err
		}
		err = i.rotate(ctx, r, item.Version)
		if store.Lost(err) {
			continue
		}
		return RotatedKey{CreatedKey{keyOf(r), secret}, timeline.Instant(until)}, err
	}
}

// replace adds a secret and tells when the one before it ends.
func (r *listedRecord) replace(secret string, now int64) (until int64, err error) {
	switch {
	case r.RevokedAt != 0:
		return 0, ErrKeyConflict.Detailf("the key was revoked at %s; make a new one", moment(r.RevokedAt))
	case r.ExpiresAt != 0 && now >= r.ExpiresAt:
		return 0, ErrKeyConflict.Detailf("the key expired at %s; make a new one", moment(r.ExpiresAt))
	}
	r.Secrets = slices.DeleteFunc(r.Secrets, func(s secretRef) bool { return s.Until != 0 && now >= s.Until })
	if len(r.Secrets) >= maxSecrets {
		return 0, ErrKeyConflict.Detailf("%d secrets of the key work already; the oldest ends at %s", maxSecrets, moment(r.Secrets[0].Until))
	}
	until = now + RotationGrace.Milliseconds()
	if r.ExpiresAt != 0 {
		until = min(until, r.ExpiresAt)
	}
	r.Secrets[len(r.Secrets)-1].Until = until
	r.Secrets = append(r.Secrets, secretRef{Hash: hashOf(secret)})
	r.LastFour = lastFour(secret)
	return until, nil
}

// rotate stores the last two secrets of a key, of which the last is new.
func (i *Issuer) rotate(ctx context.Context, r listedRecord, version int64) error {
	n := len(r.Secrets)
	listed, err := putListed(r, version)
	if err != nil {
		return err
	}
	old, err := putSecret(r.keyRecord, r.Secrets[n-2], store.Condition{})
	if err != nil {
		return err
	}
	last, err := putSecret(r.keyRecord, r.Secrets[n-1], store.Absent())
	if err != nil {
		return err
	}
	return i.store.Transact(ctx, listed, old, last)
}
