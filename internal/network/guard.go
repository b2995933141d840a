package network

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"almanac/internal/etag"
	"almanac/internal/fault"
)

// Guard is the condition that a request can put on what it changes.
type Guard struct {
	IfMatch etag.Condition `header:"If-Match" doc:"Write only while what is changed still has this ETag" example:"\"mVbHbKUO0vUYC2hs\""`
}

// tagged is what clients can put a condition on.
type tagged interface{ ETag() string }

// holds refuses to change what is not as the client has seen it, given what it
// would see now, or nil where there is nothing to change any more.
func (g Guard) holds(now tagged) error {
	if g.IfMatch.Sent() && now != nil && !g.IfMatch.MatchesStrong(now.ETag()) {
		return ErrPrecondition.Detailf("its ETag is %s", now.ETag())
	}
	return nil
}

// etagOf names the state of what clients see, with all that is shown in it. The
// host's own times do not move with what is on it, so they would not do.
func etagOf(shown any) string {
	text, err := json.Marshal(shown)
	if err != nil {
		panic(err) // what is shown is plain data
	}
	sum := sha256.Sum256(text)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

func (s Service) ETag() string   { return etagOf(s) }
func (b Binding) ETag() string   { return etagOf(b) }
func (p Port) ETag() string      { return etagOf(p) }
func (i Interface) ETag() string { return etagOf(i) }
func (s Subnet) ETag() string    { return etagOf(s) }
func (h Host) ETag() string      { return etagOf(h) }
func (n Network) ETag() string   { return etagOf(n) }
func (t Tag) ETag() string       { return etagOf(t) }

func (d Definition) ETag() string { return etagOf(d) }

// What operations answer that cannot be done.
var (
	ErrNotFound     = fault.New(fault.NotFound, "not_found", "Not found")
	ErrConflict     = fault.New(fault.Conflict, "conflict", "Conflict")
	ErrPrecondition = fault.New(fault.Precondition, "conflict", "Precondition failed")
)
