package catalog

import (
	"encoding/base64"
	"errors"
	"fmt"

	"almanac/internal/timeline"
)

// serviceCursor is where a page of services begins: after a slug, in the list
// of an instant. It is opaque to clients. The zero value is the beginning.
type serviceCursor struct {
	at    timeline.Instant
	after string
}

func (c serviceCursor) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", c.at, c.after))
}

func (c *serviceCursor) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.DecodeString(string(text))
	if err == nil {
		_, err = fmt.Sscanf(string(raw), "%d %s", &c.at, &c.after)
	}
	if err != nil {
		return errors.New("must be taken from a Link header")
	}
	return nil
}
