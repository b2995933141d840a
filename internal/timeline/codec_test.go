package timeline

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"os"
	"runtime"
	"strings"
	"testing"

	"almanac/internal/store"
)

func TestARecordIsCompressedWhereThatSavesAUnit(t *testing.T) {
	for _, c := range []struct {
		name        string
		body        string
		packed      bool
		most, least float64 // write units of the item
	}{
		{"nothing", "", false, 2, 2},
		{"what fits the first kilobyte", strings.Repeat("a", 500), false, 2, 2},
		{"a little more", strings.Repeat("a", 1000), true, 2, 2},
		{"a service of the catalog", string(services(t, 1700)("orders", 7)), true, 2, 2},
		{"the longest body", strings.Repeat("a", MaxBody), true, 4, 2},
		{"what can hardly be compressed", incompressible(1000) + strings.Repeat("a", 20), false, 4, 4},
		{"what cannot be compressed", incompressible(MaxBody), false, 2 * 385, 2 * 385},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := live{Snapshot: Snapshot{
				Key: "orders", DocumentID: strings.Repeat("d", 36), ID: strings.Repeat("s", 36), Name: "Orders",
				Created: Stamp{realNow, ann}, From: realNow + 1, By: robot, Body: []byte(c.body),
			}, since: realNow}
			item := want.item(shop)
			if units := store.WriteUnits(0, store.Size(item)); (item.Body[0] == packedMark) != c.packed || units > c.most || units < c.least {
				t.Errorf("it begins with %q and costs %v units", item.Body[0], units)
			}
			got, err := decodeLive(item)
			if d := differ("read", got, want); d != "" || err != nil {
				t.Error(d, err)
			}
			ended := closed{Snapshot: want.Snapshot}
			ended.Until = realNow + 2
			then, err := decodeClosed("orders", ended.item(shop))
			if d := differ("read when closed", then, ended); d != "" || err != nil {
				t.Error(d, err)
			}
		})
	}
}

// Two items that were stored once, the same record as it is and compressed, are
// read for ever.
func TestWhatWasStoredIsRead(t *testing.T) {
	plain, err := os.ReadFile("testdata/live.record")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/live.packed")
	if err != nil {
		t.Fatal(err)
	}
	packed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	key := shop.liveKey("orders")
	want, err := decodeLive(store.Item{Key: key, Body: plain})
	if err != nil || want.Name != "Orders" || want.From != realNow+1 || want.since != realNow || want.By != robot || !bytes.HasSuffix(plain, want.Body) || len(want.Body) < 1000 {
		t.Fatalf("%+v, %v", want, err)
	}
	got, err := decodeLive(store.Item{Key: key, Body: packed})
	if d := differ("the packed one", got, want); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestWhatIsPackedWrongIsDamagedAndTakesNoMemory(t *testing.T) {
	mark := []byte{packedMark}
	claim := func(n uint64, rest []byte) []byte {
		return append(binary.AppendUvarint([]byte{packedMark}, n), rest...)
	}
	whole := deflate(mark, []byte("{}\nbody"))
	_, size := binary.Uvarint(whole[1:])
	stream := whole[1+size:]
	bomb := deflate(mark, append([]byte("{}\n"), make([]byte, 64<<20)...))
	for name, body := range map[string][]byte{
		"nothing":                         mark,
		"no length":                       {packedMark, 0xff},
		"a length alone":                  claim(7, nil),
		"no DEFLATE":                      claim(7, []byte("\xff\xff\xff\xff")),
		"cut":                             whole[:len(whole)-3],
		"less than it claims":             claim(8, stream),
		"more than it claims":             claim(6, stream),
		"a length of all bits":            claim(1<<64-1, stream),
		"no line of facts":                deflate(mark, []byte("{}")),
		"another packed record":           deflate(mark, whole),
		"a bomb":                          bomb,
		"a bomb that claims to be small":  append(binary.AppendUvarint([]byte{packedMark}, 1000), bomb[5:]...),
		"a little that claims to be much": claim(maxRecord, stream),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := decodeLive(store.Item{Key: shop.liveKey("a"), Body: body})
			runtime.ReadMemStats(&after)
			if store.KindOf(err) != store.Damaged {
				t.Errorf("gives %v, %v", got, err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
				t.Errorf("took %d bytes", took)
			}
		})
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"m":"Orders","c":{"a":1,"b":{"i":"k"}}}` + "\nbody\n\x00"))
	f.Add(deflate([]byte{packedMark}, []byte(`{"m":"Orders"}`+"\n"+strings.Repeat("body", 1000))))
	f.Add([]byte{packedMark, 3, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		// As an item.
		read, err := decodeLive(store.Item{Key: shop.liveKey("a"), Body: data})
		if err != nil && store.KindOf(err) != store.Damaged {
			t.Fatal(err)
		}
		if len(read.Body) > maxRecord && len(read.Body) > len(data) {
			t.Fatalf("%d bytes became %d", len(data), len(read.Body))
		}
		// As a body.
		want := live{Snapshot: Snapshot{Key: "a", Name: "A", Body: data}}
		item := want.item(shop)
		got, err := decodeLive(item)
		if err != nil || !bytes.Equal(got.Body, data) {
			t.Fatalf("%q became %q, %v", data, got.Body, err)
		}
		if plain := encode(want.record(), data); len(item.Body) > len(plain) {
			t.Fatalf("%d bytes take %d", len(plain), len(item.Body))
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	for name, body := range map[string][]byte{"2 KB": services(b, 1700)("orders", 7), "0.4 KB": services(b, 0)("orders", 7)} {
		l := live{Snapshot: Snapshot{Key: "orders", Created: Stamp{realNow, ann}, From: realNow, By: ann, Body: body}}
		item := l.item(shop)
		b.Run("write "+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = l.item(shop)
			}
			b.ReportMetric(float64(store.Size(item)), "stored-bytes")
		})
		b.Run("read "+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decodeLive(item); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
