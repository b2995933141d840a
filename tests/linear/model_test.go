package linear

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// project is a project after some commits, in their order: the first one made
// it. It is never changed, only copied. Not every answer tells an instant, so
// that of a commit is known as lying in [lo, hi]; what is answered later narrows
// it. Instants grow from commit to commit.
type project []commit

type commit struct {
	lo, hi      millis
	tie         bool   // made at the same instant as the one before it
	change      string // CREATE, UPDATE, DELETE; none of the first commit
	slug        string // after the change
	left        string // the slug that a rename left
	name        string
	description string
	birth       int // index of the commit that created the service
	origin      int // of a creation: birth of the service that it is again, or its own
}

const never millis = 1 << 60

// model is the contract of one project as a sequence of operations. The events
// are what the history told, newest first, when all was quiet: a commit that is
// not among them is ruled out as it is made, not when that answer comes. Without
// that, each write of unknown outcome would double the search.
func model(born millis, events []event) porcupine.Model {
	m := porcupine.NondeterministicModel{
		Init:  func() []any { return []any{project{{lo: born, hi: born}}} },
		Equal: func(a, b any) bool { return slices.Equal(a.(project), b.(project)) },
		Step: func(state, in, out any) []any {
			var next []any
			was := state.(project)
			for _, p := range was.step(in.(input), out.(output)) {
				if p = p.foreseen(len(was), events); p != nil {
					next = append(next, p)
				}
			}
			return next
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%v → %v", in, out) },
		DescribeState:     func(state any) string { return state.(project).String() },
	}
	return m.ToModel()
}

// step gives what the project may be after an operation with that outcome:
// nothing where the operation cannot have had it.
func (p project) step(in input, out output) []project {
	switch in.kind {
	case get:
		return p.read(len(p), in.slug, out)
	case getAt:
		return p.whenever(in.at, func(p project, n int) []project { return p.read(n, in.slug, out) })
	case list:
		return p.readAll(len(p), out)
	case listAt:
		return p.whenever(in.at, func(p project, n int) []project { return p.readAll(n, out) })
	case history:
		return p.readHistory(out)
	case upsert:
		return p.upsert(in, out)
	case restore:
		return p.whenever(in.at, func(p project, n int) []project {
			next, status, held := p.restore(n, in.slug)
			return p.wrote(next, status, held, out)
		})
	}
	next, status := p.write(in)
	held := p.holder(len(p), in.slug)
	if len(next) > len(p) {
		held = len(p)
	}
	return p.wrote(next, status, held, out)
}

// holder is the index of the commit whose service a slug held after the first
// n commits, or -1.
func (p project) holder(n int, slug string) int {
	for i := n - 1; i > 0; i-- {
		switch {
		case p[i].left == slug, p[i].slug == slug && p[i].change == "DELETE":
			return -1
		case p[i].slug == slug:
			return i
		}
	}
	return -1
}

// whenever reads at an instant: once for each number of commits that may have
// been made by then.
func (p project) whenever(at millis, read func(p project, n int) []project) (all []project) {
	for n := 0; n <= len(p); n++ {
		if n > 0 && p[n-1].lo > at || n < len(p) && (p[n].hi <= at || p[n].tie) {
			continue
		}
		q := p
		if n > 0 {
			q = q.narrow(n-1, 0, at)
		}
		if n < len(p) {
			q = q.narrow(n, at+1, never)
		}
		if q != nil {
			all = append(all, read(q, n)...)
		}
	}
	return all
}

// read tells what a slug held after the first n commits.
func (p project) read(n int, slug string, out output) []project {
	held := p.holder(n, slug)
	if held < 0 {
		if out.status == 404 {
			return []project{p}
		}
		return nil
	}
	if out.status != 200 || len(out.services) != 1 || out.services[0].Slug != slug {
		return nil
	}
	return p.shows(n, held, out.services[0], true)
}

// readAll tells of all services. When each of them ended may have become known
// during the read; the instants at which they began are those of one moment.
func (p project) readAll(n int, out output) []project {
	if out.status != 200 {
		return nil
	}
	held := map[string]int{}
	for i := 1; i < n; i++ {
		delete(held, p[i].left)
		if held[p[i].slug] = i; p[i].change == "DELETE" {
			delete(held, p[i].slug)
		}
	}
	if len(held) != len(out.services) {
		return nil
	}
	all := []project{p}
	for i, slug := range slices.Sorted(maps.Keys(held)) {
		if all = all[0].shows(n, held[slug], out.services[i], false); len(all) == 0 {
			return nil
		}
	}
	return all
}

func (p project) readHistory(out output) []project {
	if out.status != 200 || len(out.events) != len(p)-1 {
		return nil
	}
	if p = p.foreseen(1, out.events); p == nil {
		return nil
	}
	return []project{p}
}

// foreseen compares the commits from the first on with events, as far as those
// go, and learns their instants; nil: they are others.
func (p project) foreseen(first int, events []event) project {
	for i := first; i < len(p) && i <= len(events); i++ {
		e := events[len(events)-i]
		if e.ChangeType != p[i].change || e.ServiceSlug != p[i].slug || e.ServiceName != p[i].name {
			return nil
		}
		if p = p.narrow(i, e.Timestamp, e.Timestamp); p == nil {
			return nil
		}
	}
	return p
}

// shows checks an answer with the service of a commit, read when there were
// commits enough to know its end, if it has one.
func (p project) shows(n, held int, s service, ended bool) []project {
	if p == nil || held < 0 {
		return nil
	}
	if c := p[held]; c.slug != s.Slug || c.name != s.Name || c.description != s.Description {
		return nil
	}
	birth := p[held].birth
	p = p.narrow(held, s.ValidFrom, s.ValidFrom).narrow(birth, s.CreatedAt, s.CreatedAt)
	if p != nil && ended {
		end := slices.IndexFunc(p[n:], func(c commit) bool { return c.slug == s.Slug || c.left == s.Slug })
		switch {
		case end < 0 && s.ValidUntil != 0, end >= 0 && s.ValidUntil == 0:
			return nil
		case end >= 0:
			p = p.narrow(n+end, s.ValidUntil, s.ValidUntil)
		}
	}
	if p == nil {
		return nil
	}
	return []project{p}
}

// narrow learns that the instant of commit i lies in [lo, hi]; nil: it cannot.
func (p project) narrow(i int, lo, hi millis) project {
	if p == nil || lo <= p[i].lo && p[i].hi <= hi {
		return p
	}
	for p[i].tie {
		i--
	}
	p = slices.Clone(p)
	p[i].lo, p[i].hi = max(lo, p[i].lo), min(hi, p[i].hi)
	for j := i + 1; j < len(p); j++ {
		if p[j].tie {
			p[j].lo, p[j].hi = p[j-1].lo, p[j-1].hi
		} else {
			p[j].lo = max(p[j].lo, p[j-1].lo+1)
		}
	}
	for j := i - 1; j >= 0; j-- {
		last := p[j+1].hi
		if !p[j+1].tie {
			last--
		}
		p[j].hi = min(p[j].hi, last)
	}
	for _, c := range p {
		if c.lo > c.hi {
			return nil
		}
	}
	return p
}

// slugOf is enough for the names that the clients use.
func slugOf(name string) string { return strings.ToLower(name) }

func (p project) String() string {
	var b strings.Builder
	for _, c := range p[1:] {
		fmt.Fprintf(&b, "%s %s %s", c.lo, strings.ToLower(c.change), c.slug)
		if c.left != "" {
			fmt.Fprintf(&b, " from %s", c.left)
		}
		fmt.Fprintf(&b, " %q\n", c.description)
	}
	return b.String()
}
