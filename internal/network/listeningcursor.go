package network

import (
	"encoding/base64"
	"encoding/json"
	"errors"

	"almanac/internal/timeline"
)

// ListeningCursor is where a page of a Listening begins. It is opaque to clients.
// The zero value is the beginning.
type ListeningCursor struct {
	At      timeline.Instant `json:"a"` // of the network on all pages
	SlugsAt timeline.Instant `json:"c"` // of the catalog: slugs that change meanwhile are not those of the list
	Network string           `json:"n"`
	Host    string           `json:"h"`
	Seen    int              `json:"s"` // listeners of the host that were on the page before
}

func (c ListeningCursor) set() bool { return c.Network != "" }

func (c ListeningCursor) text() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (c *ListeningCursor) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.AppendDecode(nil, text)
	if err == nil {
		type members ListeningCursor // JSON would come back here
		err = json.Unmarshal(raw, (*members)(c))
	}
	// A cursor has one text.
	if err != nil || !c.set() || c.text() != string(text) {
		return errors.New("must be taken from a Link header")
	}
	return nil
}
