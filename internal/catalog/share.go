package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// ErrShareTokenNotFound is of a project that is not shared, and of a token that
// opens nothing.
var ErrShareTokenNotFound = fault.New(fault.NotFound, "public_share_token_not_found", "Public share token not found")

type ShareTokenInput struct {
	ProjectID string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
}

// ShareToken opens a project to readers without a key.
type ShareToken struct {
	Token     string           `json:"token" doc:"UUID with which anybody reads the project under /v1/public/{token}" example:"3f0c8a52-9d5e-4b7a-8a54-6f0f9f5d2c11"`
	CreatedAt timeline.Instant `json:"createdAt" doc:"UTC, in milliseconds"`
}

// A shared project has two items, which come and go together: its own, which
// says what its token is, and that of the token, which leads to it. Both name
// the project's birth, so that neither is ever taken for one of a later project.
type (
	shareRecord struct {
		Token     string           `json:"token"`
		CreatedAt timeline.Instant `json:"createdAt"`
		Birth     string           `json:"birth"`
	}
	tokenRecord struct {
		Workspace string `json:"workspace"`
		Project   string `json:"project"`
		Birth     string `json:"birth"`
	}
)

// share is a project's own item; its version is 0 where there is none.
type share struct {
	shareRecord
	key     store.Key
	version int64
}

// share reads a project's head, then its share.
func (c *Catalog) share(ctx context.Context, p tenant.Principal, projectID string) (timeline.Head, share, error) {
	head, err := c.timeline.Head(ctx, projectScope(p.Workspace, projectID))
	if err != nil {
		return timeline.Head{}, share{}, faultOf(err)
	}
	s, err := c.shareAt(ctx, shareKey(p.Workspace, projectID))
	return head, s, err
}

// shareAt reads a share. There is none under a key that no project can have.
func (c *Catalog) shareAt(ctx context.Context, key store.Key) (share, error) {
	s := share{key: key}
	item, err := c.store.Get(ctx, key)
	if kind := store.KindOf(err); kind == store.NotFound || kind == store.Invalid {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.version = item.Version
	if err := json.Unmarshal(item.Body, &s.shareRecord); err != nil {
		return s, fmt.Errorf("share of project %q: %w", key.Sort, err)
	}
	return s, nil
}

// of tells whether the share is that of a project, and not of an earlier one
// with its id.
func (s share) of(head timeline.Head) bool { return s.version != 0 && s.Birth == head.Birth() }

// unchanged holds while the share is what was read.
func (s share) unchanged() store.Condition {
	if s.version == 0 {
		return store.Absent()
	}
	return store.VersionIs(s.version)
}

// end removes a share, or holds while there is none.
func (s share) end() []store.Op {
	if s.version == 0 {
		return []store.Op{store.Check(s.key, s.unchanged())}
	}
	return []store.Op{store.Delete(s.key, s.unchanged()), store.Delete(tokenKey(hashOf(s.Token)), store.Condition{})}
}

// newVersion is one that no share had before: after a share was removed, another
// must not be taken for it.
func newVersion() int64 { return 1 + rand.Int64N(1<<52) }

// hashOf stands for a token where logs and limits name it.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
