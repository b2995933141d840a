package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"almanac/internal/store"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	fileName    = "almanac.db"
	lockTimeout = 100 * time.Millisecond
)

// A file is ours when its meta bucket holds this format.
var (
	metaBucket  = []byte("meta")
	itemsBucket = []byte("items")
	formatKey   = []byte("format")
	format      = []byte("almanac store 1")
)

// Errors of Open that have one cause. Their texts follow the name of the directory.
var (
	ErrInUse   = errors.New("is in use by another server; stop that one or choose another directory")
	ErrForeign = errors.New("holds a file almanac.db that this version of Almanac did not write; move it away or choose another directory")
	ErrDamaged = errors.New("holds a damaged almanac.db; put back a copy of it, or move it away to start empty")
)

// Open opens the store in dir, which is made when absent. Its errors are one
// sentence that names the directory and says what to do.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	s := &Store{dir: dir, writes: make(chan write)}
	if err := s.guard(s.open); err != nil {
		return nil, s.openError(err)
	}
	s.writer.Go(s.write)
	return s, nil
}

func makeDir(dir string) error {
	switch info, err := os.Stat(dir); {
	case err == nil && !info.IsDir():
		return fmt.Errorf("data directory %s is a file; choose a directory", dir)
	case err == nil:
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data directory %s cannot be made; choose another one: %w", dir, err)
	}
	return nil
}

func (s *Store) open() (err error) {
	s.db, err = bbolt.Open(s.path(), 0o600, &bbolt.Options{
		Timeout:      lockTimeout,
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.db.Close())
		}
	}()
	if err := s.checkLength(); err != nil {
		return err
	}
	fresh, err := s.checkFormat()
	if err != nil || !fresh {
		return err
	}
	if err := s.db.Update(initialise); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// checkLength finds a file cut short, whose missing pages would else be missed
// only when they are read.
func (s *Store) checkLength() error {
	info, err := os.Stat(s.path())
	if err != nil {
		return err
	}
	return s.db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return s.damaged(fmt.Errorf("it has %d bytes of %d", info.Size(), tx.Size()))
		}
		return nil
	})
}

// checkFormat tells a file without any bucket, which a server killed in its
// first moments leaves, from one that is ours and one that is not.
func (s *Store) checkFormat() (fresh bool, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		if first, _ := tx.Cursor().First(); first == nil {
			fresh = true
			return nil
		}
		meta := tx.Bucket(metaBucket)
		if meta == nil || !bytes.Equal(meta.Get(formatKey), format) || tx.Bucket(itemsBucket) == nil {
			return ErrForeign
		}
		return nil
	})
	return fresh, err
}

func initialise(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucket(metaBucket)
	if err != nil {
		return err
	}
	if err := meta.Put(formatKey, format); err != nil {
		return err
	}
	_, err = tx.CreateBucket(itemsBucket)
	return err
}

// syncDir makes the name of a new file durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (s *Store) openError(err error) error {
	in := func(err error) error { return fmt.Errorf("data directory %s %w", s.dir, err) }
	if e, ok := errors.AsType[*store.Error](err); ok {
		return e.Err
	}
	if _, system := errors.AsType[syscall.Errno](err); system {
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
			return fmt.Errorf("data directory %s cannot be written; grant write access or choose another directory: %w", s.dir, err)
		}
		return fmt.Errorf("data directory %s cannot be used; it must be a directory on a disk with free space: %w", s.dir, err)
	}
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return in(ErrInUse)
	case errors.Is(err, ErrForeign), errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch):
		return in(ErrForeign)
	}
	return fmt.Errorf("%w (%v)", in(ErrDamaged), err)
}
