package network

import (
	"errors"

	"github.com/google/uuid"
)

// UUID is the id of something, in lower case with dashes.
type UUID string

// UnmarshalText takes a UUID in its one common form, in any case.
func (u *UUID) UnmarshalText(text []byte) error {
	id, err := uuid.ParseBytes(text)
	if err != nil || len(text) != len(uuid.UUID{}.String()) {
		return errors.New("must be a UUID, such as 497f6eca-6276-4993-bfeb-53cbbbba6f08")
	}
	*u = UUID(id.String())
	return nil
}

// Format is how schemas name it.
func (UUID) Format() string { return "uuid" }

// kin is how many bytes of its host's id the id of something on a host begins
// with, when we make it: so it is found without an index of its own.
const kin = 6

// newID makes a random id.
func newID() string { return uuid.NewString() }

// newIDOn makes an id of something on a host: a UUIDv8, whose content is the
// maker's own affair (RFC 9562 §5.8).
func newIDOn(hostID string) string {
	id := uuid.New()
	host := uuid.MustParse(hostID)
	copy(id[:kin], host[:])
	id[6] = id[6]&0x0f | 0x80
	return id.String()
}

// family is what the ids of a host and of what is on it have in common.
func family(id string) string {
	const digits = 2*kin + len("-")
	return id[:min(len(id), digits)]
}
