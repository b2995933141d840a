package catalog

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"almanac/internal/fault"
	"almanac/internal/timeline"
)

// serviceCursor is where a page of services begins: after a slug, in the list of
// an instant. It is opaque to clients, and signed: only what ListServices made
// for the same list of the same project is taken. The zero value is the
// beginning.
type serviceCursor struct {
	at    timeline.Instant
	after string
	mac   [16]byte
}

func (c serviceCursor) String() string {
	b := binary.AppendVarint(c.mac[:], int64(c.at))
	return base64.RawURLEncoding.EncodeToString(append(b, c.after...))
}

func (c *serviceCursor) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.AppendDecode(nil, text)
	if err == nil && len(raw) > len(c.mac) {
		n := copy(c.mac[:], raw)
		if at, size := binary.Varint(raw[n:]); size > 0 {
			c.at, c.after = timeline.Instant(at), string(raw[n+size:])
		}
	}
	// A cursor has one text.
	if err != nil || c.after == "" || c.String() != string(text) {
		return errors.New("must be taken from a Link header")
	}
	return nil
}

// signed is the cursor of a list that in began.
func (c serviceCursor) signed(in ListServicesInput, head timeline.Head) serviceCursor {
	at := ""
	if in.At != nil {
		at = in.At.String()
	}
	copy(c.mac[:], signature(head, "services", fmt.Sprint(int64(c.at)),
		in.ProjectID, at, in.Category, in.Owner, in.Flow, in.Topic, in.Q, c.after))
	return c
}

// signature is what only this program can make of words. The key is the
// project's own and random: whoever reads the project has it anyway, and no
// answer shows it.
func signature(head timeline.Head, words ...string) []byte {
	mac := hmac.New(sha256.New, []byte(head.Birth()))
	fmt.Fprintf(mac, "%q", words)
	return mac.Sum(nil)
}

// check refuses a cursor that was not made for the list that in asks for.
func (c serviceCursor) check(in ListServicesInput, head timeline.Head) error {
	if c.after == "" {
		return nil
	}
	if want := c.signed(in, head); !hmac.Equal(want.mac[:], c.mac[:]) {
		return fault.BadRequest("cursor must be taken from a Link header of the same list, read %.100q", c.String())
	}
	return nil
}
