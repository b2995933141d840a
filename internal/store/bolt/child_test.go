package bolt_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
)

// Some faults befall a whole process. For these the test binary runs itself
// again, as the child that a variable names.
const childVariable = "ALMANAC_TEST_BOLT_CHILD"

var children = map[string]func(dir string) error{
	"write until killed": writeUntilKilled,
	"open as nobody":     openAsNobody,
	"fill the disk":      fillTheDisk,
}

func TestMain(m *testing.M) {
	if child, ok := children[os.Getenv(childVariable)]; ok {
		if err := child(os.Args[1]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(t *testing.T, name, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

// writeUntilKilled prints each write once it is acknowledged.
func writeUntilKilled(dir string) error {
	s, err := bolt.Open(dir)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("%d %d %d", os.Getpid(), w, n)
				err := s.Transact(context.Background(),
					store.Put(store.Item{Key: store.Key{Partition: "first", Sort: name}, Body: make([]byte, 700)}, store.Absent()),
					store.Put(store.Item{Key: store.Key{Partition: "second", Sort: name}}, store.Absent()))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				mu.Lock()
				fmt.Println(name)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return nil
}

// openAsNobody gives up root's rights, which pass over every permission.
func openAsNobody(dir string) error {
	if os.Getuid() == 0 {
		if err := syscall.Setgid(65534); err != nil {
			return err
		}
		if err := syscall.Setuid(65534); err != nil {
			return err
		}
	}
	s, err := bolt.Open(dir)
	if err != nil {
		return err
	}
	return s.Close()
}

// fillTheDisk lets no file grow over a limit, writes until that stops it, reads
// all back, and writes again after the limit is gone.
func fillTheDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := bolt.Open(dir)
	if err != nil {
		return err
	}
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	full := old
	full.Cur = 256 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		return err
	}
	ctx := context.Background()
	put := func(n int) error {
		return s.Transact(ctx, store.Put(store.Item{Key: store.Key{Partition: "p", Sort: fmt.Sprintf("%04d", n)}, Body: make([]byte, 3000)}, store.Absent()))
	}
	count := func(want int) error {
		items, err := s.Range(ctx, store.Query{Partition: "p"})
		if err == nil && len(items) != want {
			err = fmt.Errorf("%d items, want %d", len(items), want)
		}
		return err
	}
	n := 0
	for ; n < 1000; n++ {
		if err = put(n); err != nil {
			break
		}
	}
	if store.KindOf(err) != store.Unavailable {
		return fmt.Errorf("a full disk gave: %v", err)
	}
	fmt.Println(err)
	for range 3 {
		if err := put(n); store.KindOf(err) != store.Unavailable {
			return fmt.Errorf("a disk still full gave: %v", err)
		}
		if err := count(n); err != nil {
			return fmt.Errorf("reading on a full disk: %w", err)
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	if err := put(n); err != nil {
		return fmt.Errorf("with space again: %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	if s, err = bolt.Open(dir); err != nil {
		return err
	}
	if err := count(n + 1); err != nil {
		return fmt.Errorf("after a restart: %w", err)
	}
	return s.Close()
}
