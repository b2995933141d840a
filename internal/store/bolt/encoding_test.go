package bolt

import (
	"bytes"
	"cmp"
	"testing"
	"unicode/utf8"

	"almanac/internal/store"
)

func FuzzKeysKeepTheirOrderAndPlace(f *testing.F) {
	f.Add("p", "a", "p", "b")
	f.Add("p", "a", "p#", "a")
	f.Add("p", "ab", "pa", "b")
	f.Add("p", "\uFFFF", "p", "\U00010000")
	f.Fuzz(func(t *testing.T, p1, s1, p2, s2 string) {
		for _, s := range []string{p1, s1, p2, s2} {
			if s == "" || !utf8.ValidString(s) {
				t.Skip()
			}
		}
		k1, k2 := store.Key{Partition: p1, Sort: s1}, store.Key{Partition: p2, Sort: s2}
		e1, e2 := encodeKey(k1), encodeKey(k2)
		if back, err := decodeKey(e1); err != nil || back != k1 {
			t.Errorf("%q came back as %q, %v", k1, back, err)
		}
		if bytes.Equal(e1, e2) != (k1 == k2) {
			t.Errorf("%q and %q share an encoding", k1, k2)
		}
		if p1 == p2 && bytes.Compare(e1, e2) != cmp.Compare(s1, s2) {
			t.Errorf("%q and %q change order", k1, k2)
		}
		low, high := bounds(store.Query{Partition: p1})
		if inside := bytes.Compare(e2, low) >= 0 && bytes.Compare(e2, high) < 0; inside != (p1 == p2) {
			t.Errorf("%q in the bounds of partition %q: %v", k2, p1, inside)
		}
		low, high = bounds(store.Query{Partition: p1, From: s1, To: s2})
		e := encodeKey(store.Key{Partition: p1, Sort: s2 + "\x00"})
		if s1 < s2 && (bytes.Compare(low, e1) > 0 || bytes.Compare(e1, high) >= 0 || bytes.Compare(e, high) < 0) {
			t.Errorf("the bounds %q to %q are off", s1, s2)
		}
	})
}

func FuzzItemsComeBackWhole(f *testing.F) {
	f.Add("a", int64(0), int64(0), []byte(nil))
	f.Add("a", int64(-1), int64(1<<40), []byte("body"))
	f.Fuzz(func(t *testing.T, sort string, version, expires int64, body []byte) {
		want := store.Item{Key: store.Key{Partition: "p", Sort: sort}, Version: version, Expires: expires, Body: body}
		key := encodeKey(want.Key)
		value := encodeValue(key, want)
		got, err := decodeItem(key, value)
		if err != nil || got.Key != want.Key || got.Version != version || got.Expires != expires || !bytes.Equal(got.Body, body) {
			t.Fatalf("%v came back as %v, %v", want, got, err)
		}
		for i := range value {
			value[i] ^= 0x10
			if _, err := decodeItem(key, value); err == nil {
				t.Fatalf("a flipped bit in byte %d is not seen", i)
			}
			value[i] ^= 0x10
		}
	})
}

// No bytes at all may make the decoder panic.
func FuzzBrokenItemsAreErrors(f *testing.F) {
	f.Add([]byte("p\xFFa"), []byte{1, 2, 3, 4, 0x80})
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, key, value []byte) {
		_, _ = decodeItem(key, value)
		if len(value) >= 4 {
			value = bytes.Clone(value)
			sum := checksum(key, value[4:])
			value[0], value[1], value[2], value[3] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
			_, _ = decodeItem(key, value)
		}
	})
}
