package timeline

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/dynamo/dynamotest"

	"pgregory.net/rapid"
)

// model is what a scope should hold, kept the plain way: every version ever and
// every event ever, looked through from end to end.
type model struct {
	versions []Snapshot
	events   []Event           // newest first
	moved    map[string]string // where the document went that left a key last
	last     Instant
	body     string
	changed  map[string]bool // ids of documents that the commit under way has changed
}

func (m model) begin(at Instant) model {
	m.versions = slices.Clone(m.versions)
	m.events = slices.Clone(m.events)
	moved := map[string]string{}
	for k, v := range m.moved {
		moved[k] = v
	}
	m.moved, m.changed, m.last = moved, map[string]bool{}, at
	return m
}

func (m model) at(key string, at Instant) *Snapshot {
	for i, v := range m.versions {
		if v.Key == key && v.From <= at && (v.Until == 0 || at < v.Until) {
			return &m.versions[i]
		}
	}
	return nil
}

func (m model) list(at Instant) []Snapshot {
	var held []Snapshot
	for _, v := range m.versions {
		if v.From <= at && (v.Until == 0 || at < v.Until) {
			held = append(held, v)
		}
	}
	slices.SortFunc(held, func(a, b Snapshot) int { return cmp.Compare(a.Key, b.Key) })
	return held
}

// change is one step of a drawn commit.
type change struct {
	kind          string
	key, to, body string
}

var changes = rapid.Custom(func(t *rapid.T) change {
	key := rapid.SampledFrom([]string{"a", "a-b", "a#b", "b", "é", "%23"})
	return change{
		kind: rapid.SampledFrom([]string{"create", "create", "update", "rename", "delete", "body", "get"}).Draw(t, "kind"),
		key:  key.Draw(t, "key"),
		to:   key.Draw(t, "to"),
		body: rapid.SampledFrom([]string{"", "{}", "x\ny", "<&>\x00\xff"}).Draw(t, "body"),
	}
})

// do makes a change in the commit and in the model, and says where they differ.
func (c change) do(tx *Tx, m *model) string {
	open := m.at(c.key, maxInstant)
	target := m.at(c.to, maxInstant)
	var want *Error
	missing := &Error{Kind: NoSuchDocument, RenamedTo: m.moved[c.key]}
	switch c.kind {
	case "create":
		if open != nil {
			want = ErrKeyTaken
		}
	case "update", "delete", "rename":
		if open == nil {
			want = missing
		} else if m.changed[open.DocumentID] {
			want = &Error{Kind: ChangedTwice}
		} else if c.kind == "rename" && target != nil && c.to != c.key {
			want = ErrKeyTaken
		}
	case "get":
		if open == nil {
			want = missing
		}
	}

	var got Snapshot
	var err error
	name := "The " + c.to
	switch c.kind {
	case "create":
		got, err = tx.Create(c.key, name, []byte(c.body))
	case "update":
		got, err = tx.Update(c.key, name, []byte(c.body))
	case "rename":
		got, err = tx.Rename(c.key, c.to, name, []byte(c.body))
	case "delete":
		got, err = tx.Delete(c.key)
	case "get":
		got, err = tx.Get(c.key)
	case "body":
		tx.SetBody([]byte(c.body))
		m.body = c.body
		return ""
	}
	if want != nil {
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != want.Kind || e.RenamedTo != want.RenamedTo {
			return fmt.Sprintf("%v gave %v; want %v", c, err, want)
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("%v gave %v", c, err)
	}
	if c.kind == "get" {
		return differ(c, got, *open)
	}

	event := Event{DocumentID: got.DocumentID, Key: got.Key, Name: name, Type: Update, At: m.last, By: tx.by}
	next := Snapshot{Key: c.key, DocumentID: got.DocumentID, ID: got.ID, Name: name, From: m.last, By: tx.by, Body: []byte(c.body)}
	expected := &next
	switch c.kind {
	case "create":
		event.Type = Create
		next.Created = Stamp{m.last, tx.by}
	case "update", "rename":
		if c.kind == "rename" && c.to != c.key {
			next.Key, event.PreviousKey = c.to, c.key
			m.moved[c.key] = c.to
		}
		next.Created, next.DocumentID = open.Created, open.DocumentID
		open.Until = m.last
	case "delete":
		event.Type, event.Name = Delete, open.Name
		open.Until = m.last
		delete(m.moved, c.key)
		expected = open
	}
	m.changed[got.DocumentID] = true
	difference := differ(c, got, *expected)
	if c.kind != "delete" {
		event.SnapshotID = next.ID
		m.versions = append(m.versions, next)
	}
	m.events = append(m.events, event)
	return difference
}

func differ(what, got, want any) string {
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		return fmt.Sprintf("%v:\n got %s\nwant %s", what, g, w)
	}
	return ""
}

// subject is a scope and its model.
type subject struct {
	*rapid.T
	*Timeline
	scope Scope
	clock *clock
	model model
}

func (s *subject) same(what, got, want any) {
	s.Helper()
	if d := differ(what, got, want); d != "" {
		s.Fatal(d)
	}
}

// commit draws a commit and makes it. Where others is above 0, another writer
// comes in between.
func (s *subject) commit(others int) {
	s.clock.set(s.clock.at + Instant(rapid.SampledFrom([]int{0, 0, 1, 1000, -1, -1000, -1 << 50}).Draw(s.T, "clock")))
	if s.clock.at < -1<<40 {
		s.clock.at = 0
	}
	by := rapid.SampledFrom([]Actor{ann, robot}).Draw(s.T, "actor")
	steps := rapid.SliceOfN(changes, 0, 5).Draw(s.T, "changes")
	cut := -1
	if others > 0 {
		cut = rapid.IntRange(0, len(steps)).Draw(s.T, "cut")
	}
	runs := 0
	var staged model
	var difference string
	var base Instant
	head, err := New(s.store, s.now).Commit(s.Context(), s.scope, by, func(tx *Tx) error {
		runs++
		if cut == 0 && runs == 1 {
			s.commit(others - 1)
		}
		difference, base = "", tx.Head().Updated.At
		staged = s.model.begin(max(tx.At(), s.model.last+1))
		for i, c := range steps {
			if i == cut && i > 0 && runs == 1 {
				s.commit(others - 1)
			}
			difference = cmp.Or(difference, c.do(tx, &staged))
		}
		if cut > 0 && cut == len(steps) && runs == 1 {
			s.commit(others - 1)
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	if s.model.last != base {
		// Another came after the last run had read the head: it must have
		// asked for nothing, or it would have been run again.
		s.same("instant", s.head().Updated.At, s.model.last)
		return
	}
	s.same("difference", difference, "")
	if len(staged.events) == len(s.model.events) && staged.body == s.model.body {
		s.same("head after nothing", head, s.head())
		s.same("instant", head.Updated.At, s.model.last)
		return
	}
	// The new events are numbered so that they stay in their order with the newest first.
	fresh := staged.events[len(s.model.events):]
	for i := range fresh {
		fresh[i].Sequence = int64(len(staged.events) - i)
	}
	staged.events = append(slices.Clone(fresh), s.model.events...)
	s.model = staged
	s.same("head", head, s.head())
	s.same("instant", head.Updated, Stamp{staged.last, by})
}

func (s *subject) head() Head {
	head, err := s.Head(s.Context(), s.scope)
	if err != nil {
		s.Fatal(err)
	}
	return head
}

// instant draws one at or beside an end of a version, mostly.
func (s *subject) instant(label string) Instant {
	var ends []Instant
	for _, v := range s.model.versions {
		ends = append(ends, v.From, max(v.Until, v.From))
	}
	ends = append(ends, 0, s.model.last, maxInstant-1)
	return rapid.SampledFrom(ends).Draw(s.T, label) + Instant(rapid.IntRange(-1, 1).Draw(s.T, label+"+"))
}

func (s *subject) read() {
	ctx := s.Context()
	m := s.model
	head, list, err := s.List(ctx, s.scope)
	if err != nil {
		s.Fatal(err)
	}
	s.same("list", list, m.list(maxInstant))
	s.same("head", []any{head.Live, head.Sequence, string(head.Body), head.Updated.At},
		[]any{len(list), len(m.events), m.body, m.last})

	at := s.instant("at")
	if _, list, err = s.ListAt(ctx, s.scope, at); err != nil {
		s.Fatal(err)
	}
	s.same(fmt.Sprint("list at ", at), list, m.list(at))
	s.paged(at, list)

	for _, key := range []string{"a", "a#b", "é"} {
		got, err := s.GetAt(ctx, s.scope, key, at)
		s.sameSnapshot(fmt.Sprint(key, " at ", at), got, err, m.at(key, at))
		got, err = s.Get(ctx, s.scope, key)
		s.sameSnapshot(key, got, err, m.at(key, maxInstant))
	}

	skip, limit := rapid.IntRange(-1, 20).Draw(s.T, "skip"), rapid.IntRange(-1, 7).Draw(s.T, "limit")
	events, total, err := s.History(ctx, s.scope, skip, limit)
	if err != nil {
		s.Fatal(err)
	}
	s.same("total", total, len(m.events))
	from := min(max(skip, 0), len(m.events))
	s.sameEvents(events, m.events[from:min(from+max(limit, 0), len(m.events))])

	since, until := s.instant("from"), s.instant("to")
	var got, want []Event
	for e, err := range s.Events(ctx, s.scope, since, until) {
		if err != nil {
			s.Fatal(err)
		}
		got = append(got, e)
	}
	for _, e := range m.events {
		if since <= e.At && e.At < until {
			want = append(want, e)
		}
	}
	s.sameEvents(got, want)
	page, total, err := s.HistoryBetween(ctx, s.scope, since, until, skip, limit)
	if err != nil {
		s.Fatal(err)
	}
	s.same("total between", total, len(want))
	from = min(max(skip, 0), len(want))
	s.sameEvents(page, want[from:min(from+max(limit, 0), len(want))])

	for _, key := range []string{"a", "a#b", "b", "é"} {
		s.documentHistory(key, since, until, rapid.IntRange(1, 4).Draw(s.T, "limit of "+key))
	}
	if len(m.events) > 0 {
		s.change(rapid.SampledFrom(m.events).Draw(s.T, "event"))
	}
}

// documentHistory reads the history of the document that a key leads to, by
// pages, and that of [since, until) at once.
func (s *subject) documentHistory(key string, since, until Instant, size int) {
	ctx, m := s.Context(), s.model
	holder := m.at(key, maxInstant)
	for _, v := range m.versions {
		if v.Key == key && holder == nil || holder != nil && holder.Until != 0 && v.Key == key && v.Until > holder.Until {
			holder = &v
		}
	}
	got, err := s.DocumentHistory(ctx, s.scope, key, -1, maxInstant, size)
	if holder == nil {
		if !errors.Is(err, ErrNoSuchDocument) {
			s.Fatalf("the history of %s: %v, %v", key, got, err)
		}
		return
	}
	var want, between []Event
	for _, e := range s.logged() {
		if e.Sequence = 0; e.DocumentID == holder.DocumentID {
			want = append(want, e)
			if since <= e.At && e.At < until {
				between = append(between, e)
			}
		}
	}
	for page := got; err == nil; {
		place, more := page[len(page)-1].Before()
		if !more {
			break
		}
		page, err = s.DocumentHistoryAt(ctx, s.scope, place, -1, size)
		got = append(got, page...)
	}
	if err != nil {
		s.Fatal(err)
	}
	s.same("the history of "+key, got, want)
	if got, err = s.DocumentHistory(ctx, s.scope, key, since, until, 1000); err != nil {
		s.Fatal(err)
	}
	if len(got)+len(between) > 0 {
		s.same(fmt.Sprint("the history of ", key, " in [", since, ", ", until, ")"), got, between)
	}
}

// logged is the whole history, with the ids of deletes.
func (s *subject) logged() []Event {
	events, _, err := s.History(s.Context(), s.scope, 0, len(s.model.events))
	if err != nil {
		s.Fatal(err)
	}
	return events
}

// change checks what an event did to its document.
func (s *subject) change(of Event) {
	all := s.logged()
	e := all[slices.IndexFunc(all, func(e Event) bool { return e.Sequence == of.Sequence })]
	got, err := s.Change(s.Context(), s.scope, e.SnapshotID)
	if err != nil {
		s.Fatal(err)
	}
	s.same("event", got.Event, e)
	for _, part := range []struct {
		name string
		got  *Snapshot
		at   Instant
		none bool
	}{{"before", got.Before, e.At - 1, e.Type == Create}, {"after", got.After, e.At, e.Type == Delete}} {
		if (part.got == nil) != part.none {
			s.Fatalf("%s of %+v is %v", part.name, e, part.got)
		}
		if part.got == nil {
			continue
		}
		i := slices.IndexFunc(s.model.versions, func(v Snapshot) bool {
			return v.DocumentID == e.DocumentID && v.From <= part.at && (v.Until == 0 || part.at < v.Until)
		})
		s.same(part.name, *part.got, s.model.versions[i])
	}
}

func (s *subject) sameSnapshot(what string, got Snapshot, err error, want *Snapshot) {
	s.Helper()
	if want == nil {
		if !errors.Is(err, ErrNoSuchDocument) && err == nil {
			s.Fatalf("%s: got %+v; want none", what, got)
		}
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != NoSuchDocument {
			s.Fatalf("%s: %v", what, err)
		}
		return
	}
	if err != nil {
		s.Fatalf("%s: %v; want %+v", what, err, *want)
	}
	s.same(what, got, *want)
}

// sameEvents compares all but the snapshot ids of deletes, which only the log knows.
func (s *subject) sameEvents(got, want []Event) {
	s.Helper()
	got = slices.Clone(got)
	for i := range got {
		if got[i].Type == Delete {
			if got[i].SnapshotID == "" {
				s.Fatal("a delete without an id")
			}
			got[i].SnapshotID = ""
		}
	}
	if len(got) != len(want) || len(got) > 0 {
		s.same("events", got, want)
	}
}

// page reads the whole history by pages while it grows.
func (s *subject) page() {
	want := s.model.events
	size := rapid.IntRange(1, 5).Draw(s.T, "size")
	var got []Event
	for len(got) < len(want) {
		grown := len(s.model.events) - len(want)
		page, total, err := s.History(s.Context(), s.scope, grown+len(got), size)
		if err != nil || len(page) == 0 {
			s.Fatalf("a page of %d events: %v, %v", total, page, err)
		}
		got = append(got, page...)
		if grown < 10 {
			s.commit(0)
		}
	}
	s.sameEvents(got, want)
}

func property(s store.Store) func(*rapid.T) {
	scopes := 0
	return func(t *rapid.T) {
		scopes++
		c := &clock{at: 1000}
		subject := &subject{
			T: t, Timeline: New(s, c.now), clock: c,
			// Ids of which one could be taken for a part of another.
			scope: Scope{"local", fmt.Sprintf("%d#LOG", scopes)},
			model: model{last: 1000, body: "b", moved: map[string]string{}},
		}
		if _, err := subject.CreateScope(t.Context(), subject.scope, []byte("b"), ann); err != nil {
			t.Fatal(err)
		}
		t.Repeat(map[string]func(*rapid.T){
			"commit":             func(t *rapid.T) { subject.T = t; subject.commit(0) },
			"commit with others": func(t *rapid.T) { subject.T = t; subject.commit(2) },
			"page":               func(t *rapid.T) { subject.T = t; subject.page() },
			"checkpoint":         func(t *rapid.T) { subject.T = t; subject.checkpoint() },
			"forget":             func(t *rapid.T) { subject.T = t; subject.forget() },
			"":                   func(t *rapid.T) { subject.T = t; subject.read() },
		})
		if err := subject.DeleteScope(t.Context(), subject.scope, ann); err != nil {
			t.Fatal(err)
		}
		if err := subject.Maintain(t.Context(), subject.scope); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATimelineIsAPlainListOfVersions(t *testing.T) {
	t.Run("bolt", func(t *testing.T) {
		few(t, "40", "30")
		rapid.Check(t, property(openBolt(t)))
	})
	t.Run("dynamo", func(t *testing.T) {
		few(t, "15", "15")
		rapid.Check(t, property(dynamotest.Open(t)))
	})
}

// few lets rapid make only so many checks of so many steps until the test ends.
func few(t *testing.T, checks, steps string) {
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.steps": steps} {
		f := flag.Lookup(name)
		old := f.Value.String()
		t.Cleanup(func() { f.Value.Set(old) })
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
	}
}
