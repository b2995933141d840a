package storetest

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"almanac/internal/store"

	"pgregory.net/rapid"
)

// model runs random calls on a store and on a map beside it.
func model(t *testing.T, s store.Store) {
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++ // in partitions of its own
		m := &machine{store: s, items: map[store.Key]store.Item{}, prefix: strconv.Itoa(round) + "."}
		rt.Repeat(map[string]func(*rapid.T){
			"get":      m.get,
			"range":    m.scan,
			"transact": m.transact,
		})
	})
}

type machine struct {
	store  store.Store
	items  map[store.Key]store.Item
	prefix string
}

var (
	sortKeys       = rapid.SampledFrom([]string{"a", "a\x01", "a#", "a#b", "aa", "b", "é", "\uFFFF", "🚢"})
	versions       = rapid.Int64Range(0, 3)
	partitionNames = rapid.SampledFrom([]string{"p", "p#", "q"})
)

func (m *machine) key(t *rapid.T) store.Key {
	return key(m.prefix+partitionNames.Draw(t, "partition"), sortKeys.Draw(t, "sort"))
}

func (m *machine) get(t *rapid.T) {
	k := m.key(t)
	got, err := m.store.Get(t.Context(), k)
	want, there := m.items[k]
	switch {
	case !there && store.KindOf(err) != store.NotFound:
		t.Fatalf("Get %v: %v, %v; want none", k, got, err)
	case there && (err != nil || !equal(got, want)):
		t.Fatalf("Get %v: %v, %v; want %v", k, got, err, want)
	}
}

func (m *machine) scan(t *rapid.T) {
	q := store.Query{
		Partition: m.prefix + partitionNames.Draw(t, "partition"),
		From:      rapid.OneOf(rapid.Just(""), sortKeys).Draw(t, "from"),
		To:        rapid.OneOf(rapid.Just(""), sortKeys).Draw(t, "to"),
		Reverse:   rapid.Bool().Draw(t, "reverse"),
		Limit:     rapid.IntRange(0, 4).Draw(t, "limit"),
	}
	want := slices.DeleteFunc(slices.Collect(maps.Values(m.items)), func(i store.Item) bool {
		return i.Partition != q.Partition || i.Sort < q.From || q.To != "" && i.Sort >= q.To
	})
	slices.SortFunc(want, func(a, b store.Item) int {
		if a.Sort < b.Sort != q.Reverse {
			return -1
		}
		return 1
	})
	if q.Limit > 0 && len(want) > q.Limit {
		want = want[:q.Limit]
	}
	got, err := m.store.Range(t.Context(), q)
	if err != nil || !slices.EqualFunc(got, want, equal) {
		t.Fatalf("Range %+v: %v, %v; want %v", q, got, err, want)
	}
}

func (m *machine) transact(t *rapid.T) {
	keys := rapid.SliceOfNDistinct(rapid.Custom(m.key), 1, 4, rapid.ID).Draw(t, "keys")
	ops := make([]store.Op, len(keys))
	fails := -1
	for i, k := range keys {
		cond := rapid.SampledFrom([]store.Condition{
			{}, store.Absent(), store.VersionIs(versions.Draw(t, "is")),
		}).Draw(t, "condition")
		switch rapid.IntRange(0, 3).Draw(t, "op") {
		case 0:
			ops[i] = store.Delete(k, cond)
		case 1:
			if cond == (store.Condition{}) {
				cond = store.Absent()
			}
			ops[i] = store.Check(k, cond)
		default:
			body := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "body")
			expires := rapid.SampledFrom([]int64{0, 4102444800}).Draw(t, "expires")
			ops[i] = store.Put(store.Item{Key: k, Version: versions.Draw(t, "version"), Body: body, Expires: expires}, cond)
		}
		now, there := m.items[k]
		holds := cond.Kind == store.IsAnything || cond.Kind == store.IsAbsent && !there ||
			cond.Kind == store.IsVersion && there && now.Version == cond.Version
		if !holds && fails < 0 {
			fails = i
		}
	}
	err := m.store.Transact(t.Context(), ops...)
	if fails >= 0 {
		e, ok := err.(*store.Error)
		if !ok || e.Kind != store.ConditionFailed || e.Op != fails || e.Key != keys[fails] {
			t.Fatalf("Transact %v: %v; want op %d to fail", ops, err, fails)
		}
		return
	}
	if err != nil {
		t.Fatalf("Transact %v: %v", ops, err)
	}
	for _, op := range ops {
		switch op.Kind {
		case store.OpPut:
			m.items[op.Item.Key] = op.Item
		case store.OpDelete:
			delete(m.items, op.Item.Key)
		}
	}
}
