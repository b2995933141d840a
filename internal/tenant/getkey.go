package tenant

import "context"

type GetKeyInput struct {
	KeyID string `path:"keyId" doc:"The key's id" example:"7d1c2c64-0f5e-4a3a-9a53-2f3d5e1f9b10"`
}

// GetKey reads a key, or ErrKeyNotFound.
func (i *Issuer) GetKey(ctx context.Context, p Principal, in GetKeyInput) (Key, error) {
	r, _, err := i.listed(ctx, p.Workspace, in.KeyID)
	if err != nil {
		return Key{}, err
	}
	return keyOf(r), nil
}
