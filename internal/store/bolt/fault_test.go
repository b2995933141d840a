package bolt_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"

	"go.etcd.io/bbolt"
)

func TestASecondServerIsRefused(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	start := time.Now()
	_, err := bolt.Open(dir)
	if took := time.Since(start); took > time.Second {
		t.Errorf("refused after %v", took)
	}
	wantSentence(t, err, bolt.ErrInUse, dir)
	if _, err := first.Range(t.Context(), store.Query{Partition: "p"}); err != nil {
		t.Errorf("the first server: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestADirectoryThatCannotBeUsed(t *testing.T) {
	base, err := os.MkdirTemp("", "almanac-bolt-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	make := func(name string, mode os.FileMode) string {
		dir := filepath.Join(base, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	readOnly := make("read-only", 0o555)
	readOnlyFile := make("read-only-file", 0o755)
	file := filepath.Join(readOnlyFile, "almanac.db")
	if err := open(t, readOnlyFile).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o444); err != nil {
		t.Fatal(err)
	}
	closed := make("closed", 0o000)
	for name, dir := range map[string]string{
		"a read-only directory":            readOnly,
		"a place in a read-only directory": filepath.Join(readOnly, "data"),
		"a read-only file":                 readOnlyFile,
		"a closed directory":               closed,
		"a file":                           file,
		"a place in a file":                filepath.Join(file, "data"),
	} {
		t.Run(name, func(t *testing.T) {
			out, err := child(t, "open as nobody", dir).Output()
			if err == nil {
				t.Fatal("it was opened")
			}
			wantSentence(t, errors.New(strings.TrimSpace(string(out))), nil, dir)
		})
	}
}

func TestAForeignFileIsLeftAlone(t *testing.T) {
	database := func(format string) func(path string) error {
		return func(path string) error {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				return err
			}
			err = db.Update(func(tx *bbolt.Tx) error {
				if _, err := tx.CreateBucket([]byte("items")); err != nil {
					return err
				}
				b, err := tx.CreateBucket([]byte("meta"))
				if err != nil {
					return err
				}
				return b.Put([]byte("format"), []byte(format))
			})
			return errors.Join(err, db.Close())
		}
	}
	text := func(size int) func(path string) error {
		return func(path string) error {
			return os.WriteFile(path, bytes.Repeat([]byte("almanac "), size/8), 0o600)
		}
	}
	for name, write := range map[string]func(path string) error{
		"a word":                  text(8),
		"pages of text":           text(8192),
		"text":                    text(100_000),
		"another program's":       database("something else"),
		"that of a later version": database("almanac store 2"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "almanac.db")
			if err := write(path); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = bolt.Open(dir)
			wantSentence(t, err, bolt.ErrForeign, dir)
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

func TestAFirstStartCutShortIsNotForeign(t *testing.T) {
	for name, write := range map[string]func(path string) error{
		"an empty file": func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"a file without buckets": func(path string) error {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				return err
			}
			return db.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := write(filepath.Join(dir, "almanac.db")); err != nil {
				t.Fatal(err)
			}
			open(t, dir)
		})
	}
}

func TestKillingLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for range 5 {
		cmd := child(t, "write until killed", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			acknowledged[lines.Text()] = true
			if n == 100 {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()

		s := open(t, dir)
		first, err := s.Range(t.Context(), store.Query{Partition: "first"})
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.Range(t.Context(), store.Query{Partition: "second"})
		if err != nil {
			t.Fatal(err)
		}
		if len(first) != len(second) || len(first) < len(acknowledged) {
			t.Errorf("%d and %d items of %d acknowledged transactions", len(first), len(second), len(acknowledged))
		}
		there := map[string]bool{}
		for _, item := range first {
			there[item.Sort] = true
		}
		for name := range acknowledged {
			if !there[name] {
				t.Errorf("write %q was acknowledged and is lost", name)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acknowledged) < 500 {
		t.Errorf("only %d writes", len(acknowledged))
	}
}

func TestAFullDiskStopsWritesAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	out, err := child(t, "fill the disk", dir).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.Contains(string(out), "free space") || !strings.Contains(string(out), dir) {
		t.Errorf("the error says: %s", out)
	}
}

func wantSentence(t *testing.T, err, cause error, dir string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	t.Log(err)
	if cause != nil && !errors.Is(err, cause) {
		t.Errorf("error %q, want %q", err, cause)
	}
	if !strings.HasPrefix(err.Error(), fmt.Sprintf("data directory %s ", dir)) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q does not begin with the directory, or is no single sentence", err)
	}
}
