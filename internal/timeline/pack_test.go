package timeline

import (
	"errors"
	"fmt"
	"testing"

	"almanac/internal/store"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var drawnKeys = rapid.StringMatching(`[a-zé#]{1,12}`)

var entries = rapid.SliceOf(rapid.Custom(func(t *rapid.T) entry {
	at := Instant(rapid.Int64Range(1, int64(maxInstant)).Draw(t, "at"))
	key := drawnKeys.Draw(t, "key")
	if rapid.Bool().Draw(t, "vacates") {
		return entry{Snapshot{Key: key, Until: at}, true}
	}
	actor := rapid.SampledFrom([]Actor{ann, robot, {}})
	return entry{Snapshot: Snapshot{
		Key: key, DocumentID: uuid.NewString(), ID: snapshotID(at), Name: rapid.String().Draw(t, "name"),
		Created: Stamp{Instant(rapid.Int64Range(1, int64(at)).Draw(t, "created")), actor.Draw(t, "creator")},
		From:    at, By: actor.Draw(t, "by"), Body: rapid.SliceOf(rapid.Byte()).Draw(t, "body"),
	}}
}))

func TestWhatIsPackedIsUnpacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := entries.Draw(t, "entries")
		packed, err := packEntries(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpackEntries(packed)
		if d := differ("entries", got, want); d != "" || err != nil {
			t.Fatal(d, err)
		}
		base := Instant(rapid.Int64Range(0, 1<<40).Draw(t, "base"))
		marks := rapid.SliceOf(rapid.Custom(func(t *rapid.T) mark {
			return mark{drawnKeys.Draw(t, "key"), rapid.SampledFrom([]Instant{0, base, base + 1, maxInstant}).Draw(t, "at")}
		})).Draw(t, "marks")
		if base == 0 {
			return // zero is no instant
		}
		read, err := unpackMarks(base, packMarks(base, marks))
		if d := differ("marks", read, marks); d != "" || err != nil {
			t.Fatal(d, err)
		}
	})
}

func TestWhatIsDamagedIsNoCheckpoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packed, err := packEntries(entries.Draw(t, "entries"))
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, len(packed)-1).Draw(t, "at")
		cut := packed[:at]
		if got, err := unpackEntries(cut); !errors.Is(err, errNoCheckpoint) {
			t.Fatalf("cut at %d: %v, %v", at, got, err)
		}
		packed[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		if got, err := unpackEntries(packed); !errors.Is(err, errNoCheckpoint) {
			t.Fatalf("changed at %d: %v, %v", at, got, err)
		}
	})
}

// Manifests and ends have no checksum of their own: whatever they hold, reading
// them must end.
func FuzzUnpackMarks(f *testing.F) {
	f.Add(packMarks(1000, []mark{{"a", 1001}, {"ab", 0}, {"b", 1002}}))
	f.Add(deflate(nil, []byte{255, 255, 255, 255, 15}))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, packed []byte) {
		marks, err := unpackMarks(1000, packed)
		if err != nil && !errors.Is(err, errNoCheckpoint) {
			t.Fatal(err)
		}
		if err == nil && len(marks) > 0 {
			if again, err := unpackMarks(1000, packMarks(1000, marks)); err != nil || fmt.Sprint(again) != fmt.Sprint(marks) {
				t.Fatalf("%v became %v, %v", marks, again, err)
			}
		}
	})
}

func TestCheckpointsAreInNoLog(t *testing.T) {
	for _, scope := range []Scope{shop, {"d", "S#1#2#LOG"}, {"d#LOG", "x"}} {
		for _, birth := range []string{"LOG", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} {
			key := segment{Index: 1, End: 5}.key(scope, birth)
			if _, ok := LogOf(key); ok || key.Partition == scope.logPartition() {
				t.Errorf("%v is in a log", key)
			}
			if err := store.ValidateKey(scope.partKey(birth, maxFixed, 9, 9)); err != nil {
				t.Error(err)
			}
		}
	}
}

func BenchmarkDeflate(b *testing.B) {
	for name, body := range map[string]func(string, int) []byte{"eShop": services(b, 1700), "random text": noise(1700)} {
		var list []entry
		raw := 0
		for i := range 1000 {
			e := entry{Snapshot: Snapshot{
				Key: fmt.Sprintf("service-%03d", i), DocumentID: uuid.NewString(), ID: snapshotID(realNow), Name: "The service",
				Created: Stamp{realNow, ann}, From: realNow, By: ann,
			}}
			e.Body = body(e.Key, i)
			raw += len(e.Body)
			list = append(list, e)
		}
		packed, err := packEntries(list)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("pack "+name, func(b *testing.B) {
			b.SetBytes(int64(raw))
			for b.Loop() {
				_, _ = packEntries(list)
			}
			b.ReportMetric(float64(raw)/float64(len(packed)), "times-smaller")
		})
		b.Run("unpack "+name, func(b *testing.B) {
			b.SetBytes(int64(raw))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = unpackEntries(packed)
			}
		})
	}
}
