package storetest

import (
	"context"
	"testing"

	"almanac/internal/store"
)

// units asserts what new items cost. What an item costs that replaces a larger
// one only AWS tells.
func units(t *testing.T, s store.Store) {
	sized := func(sort string, size int) store.Op {
		i := store.Item{Key: key("p", sort), Version: 1}
		i.Body = make([]byte, size-store.Size(i))
		return store.Put(i, store.Absent())
	}
	transact := func(ops ...store.Op) func(context.Context) {
		return func(ctx context.Context) {
			if err := s.Transact(ctx, ops...); err != nil {
				t.Error(err)
			}
		}
	}
	raise := func(sort string, size int) func(context.Context) {
		op := sized(sort, size)
		op.Item.Version, op.If = 2, store.VersionIs(1)
		return transact(op)
	}
	get := func(sort string) func(context.Context) {
		return func(ctx context.Context) { _, _ = s.Get(ctx, key("p", sort)) }
	}
	settled := func(sort string) func(context.Context) {
		return func(ctx context.Context) { _, _ = s.Settled(ctx, key("p", sort)) }
	}
	scan := func(q store.Query) func(context.Context) {
		return func(ctx context.Context) {
			if _, err := s.Range(ctx, q); err != nil {
				t.Error(err)
			}
		}
	}
	for _, test := range []struct {
		name        string
		read, write float64
		do          func(context.Context)
	}{
		{"a new item of 1 KB", 0, 2, transact(sized("a", 1024))},
		{"a new item of 1 KB and a byte", 0, 4, transact(sized("b", 1025))},
		{"three ops", 0, 2 + 6 + 2, transact(sized("c", 50), sized("d", 3000), store.Check(key("p", "none"), store.Absent()))},
		{"a new version of it", 0, 1, raise("a", 1024)},
		{"a new version of it, a KB longer", 0, 3, raise("b", 2049)},
		{"a delete of nothing", 0, 2, transact(store.Delete(key("p", "none"), store.Condition{}))},
		{"an item of 4 KB", 0, 8, transact(sized("e", 4096))},
		{"an item of 4 KB and a byte", 0, 10, transact(sized("f", 4097))},
		{"a read of 1 KB", 1, 0, get("a")},
		{"a read of 4 KB", 1, 0, get("e")},
		{"a read of 4 KB and a byte", 2, 0, get("f")},
		{"a read of nothing", 1, 0, get("none")},
		{"a settled read of 4 KB", 2, 0, settled("e")},
		{"a settled read of 4 KB and a byte", 4, 0, settled("f")},
		{"a settled read of nothing", 2, 0, settled("none")},
		{"a range of nothing", 1, 0, scan(store.Query{Partition: "none"})},
		{"a range that rounds its sum up", 4, 0, scan(store.Query{Partition: "p"})},
		{"a limited range", 1, 0, scan(store.Query{Partition: "p", Limit: 2})},
		{"the last below a bound", 1, 0, scan(store.Query{Partition: "p", From: "a", To: "f", Reverse: true, Limit: 1})},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, meter := store.WithMeter(t.Context())
			test.do(ctx)
			if meter.ReadUnits != test.read || meter.WriteUnits != test.write || meter.Calls != 1 {
				t.Errorf("%v read and %v write units in %d calls, want %v and %v in one",
					meter.ReadUnits, meter.WriteUnits, meter.Calls, test.read, test.write)
			}
		})
	}
}
