package timeline

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/dynamo/dynamotest"

	"github.com/google/uuid"
)

// services are bodies of size bytes like those that the catalog keeps of the
// sample's services, each a little different.
func services(t testing.TB, size int) func(key string, n int) []byte {
	text, err := os.ReadFile("../../cmd/almanac/sample/eshop.json")
	if err != nil {
		t.Fatal(err)
	}
	var sample []struct {
		Name, Description, Category, Owner string
		Produces, Consumes                 []struct{ Name string }
	}
	if err := json.Unmarshal(text, &sample); err != nil {
		t.Fatal(err)
	}
	random := mathrand.New(mathrand.NewPCG(3, 4))
	return func(key string, n int) []byte {
		of := sample[random.IntN(len(sample))]
		b := fmt.Appendf(nil, `{"name":"The %s","owner":"%s","description":"%.40s %d"`, key, of.Owner, of.Description, n)
		if size < len(b) {
			return append(b, '}')
		}
		b = fmt.Appendf(b, `,"category":"%s","topics":[`, of.Category)
		for len(b) < size-80 {
			of := sample[random.IntN(len(sample))]
			if all := slices.Concat(of.Produces, of.Consumes); len(all) > 0 {
				b = fmt.Appendf(b, `{"name":"%s%d"},`, all[random.IntN(len(all))].Name, random.IntN(100))
			}
		}
		return fmt.Appendf(b, `],"extras":{"source":"src/%s","version":"%d"}}`, key, n)
	}
}

// noise is bodies of size bytes that hold six bits in eight.
func noise(size int) func(string, int) []byte {
	return func(string, int) []byte {
		b := make([]byte, size*3/4)
		_, _ = rand.Read(b)
		return base64.RawURLEncoding.AppendEncode(nil, b)
	}
}

// aged is a scope with so many documents and a long history: creations, then
// updates of those that are picked, one a commit. It is written past the
// timeline, many commits in one transaction, and many transactions at once.
func aged(t *testing.T, s store.Store, documents, changes int, body func(string, int) []byte, pick func(n int) int) bench {
	b := setUp(t, s)
	head, err := b.Head(t.Context(), shop)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	work := make(chan []store.Op)
	for range 8 {
		wg.Go(func() {
			for ops := range work {
				if err := s.Transact(t.Context(), ops...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var ops []store.Op
	size := 0
	put := func(items ...store.Item) {
		for _, item := range items {
			ops = append(ops, store.Put(item, store.Condition{}))
			size += store.Size(item)
		}
		if len(ops) > store.MaxOps-2 || size > 2<<20 {
			work <- ops
			ops, size = nil, 0
		}
	}
	open := map[string]live{}
	head.Updated.At = realNow
	for n := range changes {
		i, change := n, Create
		if n >= documents {
			i, change = pick(n), Update
		}
		key := fmt.Sprintf("service-%03d", i)
		head.Updated = Stamp{head.Updated.At + 100 + Instant(n%1000), robot}
		head.Revision++
		head.Sequence++
		head.commit = strings.Repeat("c", 26)
		l, known := open[key]
		if known {
			l.Until = head.Updated.At
			put(closed{Snapshot: l.Snapshot}.item(shop))
		} else {
			l = live{Snapshot: Snapshot{Key: key, DocumentID: uuid.NewString(), Created: head.Updated}, since: head.Updated.At}
			head.Live++
		}
		l.From, l.Until, l.By, l.ID, l.Name, l.Body = head.Updated.At, 0, robot, snapshotID(head.Updated.At), "The "+key, body(key, n)
		open[key] = l
		put(head.log(shop, "", []eventRecord{{
			Type: change, SnapshotID: l.ID, DocumentID: l.DocumentID, Key: key, Name: l.Name,
		}}))
	}
	for _, l := range open {
		put(l.item(shop))
	}
	head.version++
	put(head.item(shop))
	work <- ops
	close(work)
	wg.Wait()
	b.clock.set(head.Updated.At)
	return b
}

// Whatever the bodies, and whichever documents change: at each instant a list of
// a thousand costs no more than the list of now, and writing the checkpoints is
// a small part of writing the changes. Bodies of random text cost more, as they
// cannot be compressed by more than a quarter.
func TestAListAtAnyInstantCostsNoMoreThanNow(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(5, 6))
	anyOf := func(int) int { return random.IntN(1000) }
	few := func(n int) int { // a tenth changes all the time, the rest one after the other
		if n%97 == 0 {
			return n / 97 % 1000
		}
		return random.IntN(100)
	}
	for _, c := range []struct {
		name    string
		store   func(*testing.T) store.Store
		changes int
		body    func(string, int) []byte
		pick    func(int) int
		most    float64 // write units of checkpoints a change
	}{
		{"0.4 KB, 100,000 changes of any", onBolt, 100_000, services(t, 0), anyOf, 0.5},
		{"2 KB, 100,000 changes of any", onBolt, 100_000, services(t, 1700), anyOf, 0.85},
		{"2 KB, 4,000 changes of few", onBolt, 4_000, services(t, 1700), few, 0.85},
		{"0.4 KB of random text, 4,000 changes of few", onBolt, 4_000, noise(120), few, 1},
		{"2 KB of random text, 3,000 changes of any", onBolt, 3_000, noise(1700), anyOf, 10},
		{"0.4 KB, 3,000 changes of any, DynamoDB", onLocal, 3_000, services(t, 0), anyOf, 0.6},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.store(t)
			b := aged(t, s, 1000, c.changes, c.body, c.pick)
			read, written := b.price(func(b bench) error { return b.maintained() })
			now, _ := b.price(func(b bench) error { _, _, err := b.List(b.Context(), shop); return err })
			events, changes, err := b.History(t.Context(), shop, 0, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			var worst, total float64
			count := 0
			list := func(at Instant) {
				cost, _ := b.price(func(b bench) error { _, _, err := b.ListAt(b.Context(), shop, at); return err })
				worst, total, count = max(worst, cost), total+cost, count+1
			}
			for i := 1; i < len(events); i += 1 + i/8 {
				list(events[i].At)
			}
			// While the history grows, at the dearest moments: just before a
			// checkpoint.
			for n := range 150 {
				key := fmt.Sprintf("service-%03d", c.pick(n))
				list(b.commit(update(key, string(c.body(key, n)))).Updated.At - 1)
				if err := b.maintained(); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("now %v read units; at an instant %v at most, %.0f on average; a change costs %.2f write and %.2f read units of checkpoints",
				now, worst, total/float64(count), written/float64(changes), read/float64(changes))
			if worst > now {
				t.Errorf("a list at an instant costs %v units, now %v", worst, now)
			}
			if got := written / float64(changes); got > c.most {
				t.Errorf("a change costs %.2f write units of checkpoints, more than %v", got, c.most)
			}
		})
	}
}

func onBolt(t *testing.T) store.Store  { return openBolt(t) }
func onLocal(t *testing.T) store.Store { return dynamotest.Open(t) }

// maintained writes the checkpoints that are due.
func (b bench) maintained() error {
	head, err := b.Head(b.Context(), shop)
	if err != nil {
		return err
	}
	return b.checkpoint(b.Context(), shop, head)
}
