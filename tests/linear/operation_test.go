package linear

import (
	"fmt"
	"strings"
	"time"
)

// kind is an operation of the API.
type kind string

const (
	create   kind = "create"
	update   kind = "update"
	updateIf kind = "update if" // with an If-Match
	rename   kind = "rename"
	remove   kind = "delete"
	upsert   kind = "upsert" // of some services at once
	restore  kind = "restore"
	get      kind = "get"
	getAt    kind = "get at"
	list     kind = "list"
	listAt   kind = "list at"
	history  kind = "history"
)

// millis is an instant as the API gives it, in milliseconds since 1970; 0 is none.
type millis int64

func (m millis) String() string { return time.UnixMilli(int64(m)).UTC().Format("15:04:05.000") }

// text is the instant as the API takes it.
func (m millis) text() string {
	return time.UnixMilli(int64(m)).UTC().Format("2006-01-02T15:04:05.000Z")
}

func (m *millis) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	*m = millis(t.UnixMilli())
	return err
}

// input is what was asked for.
type input struct {
	kind        kind
	slug        string
	name        string   // of a create or a rename
	description string   // of a create, an update or an upsert
	names       []string // of an upsert
	at          millis
	ifFrom      millis // of an update if: validFrom of the snapshot that must still be there
	tag         string // and its ETag
}

// output is what was answered.
type output struct {
	status   int // 0: it is not known whether anything was done
	services []service
	events   []event // newest first
}

type service struct {
	Slug        string
	Name        string
	Description string
	CreatedAt   millis
	ValidFrom   millis
	ValidUntil  millis

	tag string
}

type event struct {
	ServiceSlug string
	ServiceName string
	ChangeType  string
	Timestamp   millis
}

func (in input) String() string {
	s := string(in.kind)
	if in.slug != "" {
		s += " " + in.slug
	}
	switch in.kind {
	case create:
		s = fmt.Sprintf("create %s %q", in.name, in.description)
	case rename:
		s += " to " + in.name
	case update:
		s += fmt.Sprintf(" %q", in.description)
	case updateIf:
		s += fmt.Sprintf(" of %s %q", in.ifFrom, in.description)
	case upsert:
		s += fmt.Sprintf(" %s %q", strings.Join(in.names, " "), in.description)
	case getAt, listAt, restore:
		s += " " + in.at.String()
	}
	return s
}

func (out output) String() string {
	if out.status == 0 {
		return "unknown"
	}
	s := fmt.Sprint(out.status)
	for _, one := range out.services {
		s += " " + one.String()
	}
	for _, e := range out.events {
		s += fmt.Sprintf(" %s %s %s", e.Timestamp, strings.ToLower(e.ChangeType), e.ServiceSlug)
	}
	return s
}

func (s service) String() string {
	until := "…"
	if s.ValidUntil != 0 {
		until = s.ValidUntil.String()
	}
	return fmt.Sprintf("%s(%q %q %s–%s)", s.Slug, s.Name, s.Description, s.ValidFrom, until)
}
