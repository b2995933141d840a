package kill

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"almanac/tests/program"
)

// writer changes services that are its own, and so knows at any time what the
// server may hold of them: what it was before the request that is not answered
// yet, or what it is after it.
type writer struct {
	name     string
	dice     *rand.Rand
	held     map[string]string // description by slug
	after    map[string]string // the same after the request in flight; nil: there is none
	acked    int
	events   int // that all acknowledged requests made
	inFlight int // events of the request in flight
	last     request
	creates  int
}

// request is one write.
type request struct {
	method, path, body string
	key                string // Idempotency-Key
}

func newWriter(name string, seed uint64) *writer {
	hash := fnv.New64()
	_, _ = io.WriteString(hash, name) // a hash never fails
	return &writer{name: name, dice: rand.New(rand.NewPCG(seed, hash.Sum64())), held: map[string]string{}}
}

// write sends one write after another until the server is gone.
func (w *writer) write(ctx context.Context, t *testing.T, server program.Client, project string, acked func(service)) {
	for {
		r := w.next(project)
		w.last = r
		var headers []string
		if r.key != "" {
			headers = []string{"Idempotency-Key: " + r.key}
		}
		got, err := server.Do(ctx, r.method, r.path, r.body, headers...)
		if err != nil {
			return // killed
		}
		if got.Status/100 != 2 {
			t.Errorf("%s %s was answered %d %s", got.Asked, r.body, got.Status, got.Body)
			return
		}
		w.held, w.after = w.after, nil
		w.acked++
		w.events += w.inFlight
		w.inFlight = 0
		acked(shown(got))
	}
}

// shown is a service of an answer; none of a delete's.
func shown(got program.Answer) service {
	var many []service
	if json.Unmarshal([]byte(got.Body), &many) == nil && len(many) > 0 {
		return many[0]
	}
	var one service
	_ = json.Unmarshal([]byte(got.Body), &one) // 204 has no body
	return one
}

// next chooses a write and notes what it will have done.
func (w *writer) next(project string) request {
	w.after, w.inFlight = maps.Clone(w.held), 1
	services := project + "/services"
	description := fmt.Sprintf("%s %d", w.name, w.acked)
	slugs := slices.Sorted(maps.Keys(w.held))
	luck := w.dice.IntN(10)
	if len(slugs) == 0 || luck < 3 {
		slug := w.slug()
		w.after[slug] = description
		return request{"POST", services, fmt.Sprintf(`{"name":%q,"description":%q}`, slug, description), "create " + slug}
	}
	slug := slugs[w.dice.IntN(len(slugs))]
	switch {
	case luck < 5:
		w.after[slug] = description
		return request{"PUT", services + "/" + slug, fmt.Sprintf(`{"description":%q}`, description), ""}
	case luck < 7:
		delete(w.after, slug)
		w.after[renamed(slug)] = w.held[slug]
		return request{"PUT", services + "/" + slug, fmt.Sprintf(`{"name":%q}`, renamed(slug)), ""}
	case luck < 8:
		delete(w.after, slug)
		return request{"DELETE", services + "/" + slug, "", ""}
	}
	var body []map[string]string
	for _, slug := range []string{slug, w.slug(), w.slug()} {
		w.after[slug] = description
		body = append(body, map[string]string{"name": slug, "description": description})
	}
	w.inFlight = len(body)
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return request{"PUT", services, string(text), ""}
}

// slug is a name that was never used, and its own slug.
func (w *writer) slug() string {
	w.creates++
	return fmt.Sprintf("%s-%d", w.name, w.creates)
}

// renamed is the other one of the two names that a service can have.
func renamed(slug string) string {
	if first, was := strings.CutSuffix(slug, "-renamed"); was {
		return first
	}
	return slug + "-renamed"
}
