package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
)

const damagedItems = 400

func body(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 300) }

// whole is the file of a store that was written to for a while.
func whole(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	for n := 0; n < damagedItems; n += 20 {
		var ops []store.Op
		for i := n; i < n+20; i++ {
			ops = append(ops, store.Put(store.Item{Key: store.Key{Partition: "p", Sort: fmt.Sprintf("%04d", i)}, Body: body(i)}, store.Absent()))
		}
		if err := s.Transact(t.Context(), ops...); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "almanac.db"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// use opens a damaged file, reads and writes it. Each must end with the truth
// or with an error that is to be expected. It tells what was noticed.
func use(t *testing.T, file []byte) (noticed error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "almanac.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := bolt.Open(dir)
	if err != nil {
		if !errors.Is(err, bolt.ErrDamaged) && !errors.Is(err, bolt.ErrForeign) {
			t.Errorf("Open: %v", err)
		}
		return err
	}
	defer s.Close()
	check := func(err error) {
		t.Helper()
		if err == nil {
			return
		}
		noticed = err
		if store.KindOf(err) != store.Damaged || !errors.Is(err, bolt.ErrDamaged) {
			t.Errorf("an error of kind %d: %v", store.KindOf(err), err)
		}
	}
	items, err := s.Range(t.Context(), store.Query{Partition: "p"})
	check(err)
	for _, item := range items {
		var n int
		if _, err := fmt.Sscanf(item.Sort, "%04d", &n); err != nil || !bytes.Equal(item.Body, body(n)) {
			t.Errorf("a wrong item at %q", item.Sort)
		}
	}
	for n := range 3 {
		check(s.Transact(t.Context(), store.Put(store.Item{Key: store.Key{Partition: "p", Sort: fmt.Sprintf("%04d+", n*130)}, Body: body(n)}, store.Condition{})))
	}
	return noticed
}

func TestAFileCutShortIsNoticed(t *testing.T) {
	file := whole(t)
	used := len(bytes.TrimRight(file, "\x00"))
	for size := 100; size < used-4096; size += 4096 / 2 {
		if use(t, file[:size]) == nil {
			t.Errorf("%d bytes of %d pass for whole", size, len(file))
		}
	}
}

func TestDamagedPagesAreErrorsNotPanics(t *testing.T) {
	file := whole(t)
	pages := len(bytes.TrimRight(file, "\x00"))/4096 + 1
	noticed := 0
	for page := range pages {
		for name, damage := range map[string]func(page []byte){
			"zeros":        func(b []byte) { clear(b) },
			"ones":         func(b []byte) { copy(b, bytes.Repeat([]byte{0xFF}, len(b))) },
			"text":         func(b []byte) { copy(b, bytes.Repeat([]byte("almanac."), len(b)/8)) },
			"a wrong type": func(b []byte) { b[8] ^= 0x03 },
			"a wrong size": func(b []byte) { b[10] ^= 0x40 },
			"elements":     func(b []byte) { b[16+4] ^= 0x20; b[16+9] ^= 0x41 },
			"a value":      func(b []byte) { b[3000] ^= 0x01 },
		} {
			damaged := bytes.Clone(file)
			damage(damaged[page*4096:][:4096])
			t.Run(fmt.Sprintf("page %d of %d holds %s", page, pages, name), func(t *testing.T) {
				if use(t, damaged) != nil {
					noticed++
				}
			})
		}
	}
	t.Logf("noticed %d", noticed)
}
