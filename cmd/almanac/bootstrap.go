package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"almanac/internal/tenant"
)

// bootstrap makes sure that the workspace local is there and, unless the
// environment sets its key, that it has one. fill puts the sample into a
// workspace that was not there; a crash before the end makes the next start
// begin anew.
func bootstrap(ctx context.Context, s settings, keys *tenant.Keys, create keyMaker, fill func() error, out io.Writer) error {
	exists, keyed, err := keys.Workspace(ctx, tenant.Local)
	if err != nil {
		return err
	}
	if !exists {
		if err := fill(); err != nil {
			return err
		}
	}
	switch {
	case s.ownerKey != "":
		return keys.CreateWorkspace(ctx, tenant.Local)
	case keyed:
		return nil
	}
	// The file comes first: a key that the store knows and nobody has would
	// lock its owner out.
	secret := tenant.NewSecret()
	if err := writeKeyFile(s.keyFile(), secret); err != nil {
		return fmt.Errorf("the owner key cannot be kept in %s (%w): make the data directory writable, or set ALMANAC_OWNER_KEY", s.keyFile(), err)
	}
	if err := create(ctx, tenant.Local, "owner", secret); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "owner key of the workspace %s, printed only now and kept in %s:\n%s\n", tenant.Local, s.keyFile(), secret)
	return err
}

// keyMaker keeps an owner key of a workspace.
type keyMaker func(ctx context.Context, workspace, label, secret string) error

// writeKeyFile replaces the file whole, readable by its owner alone, in a
// directory that may not be there: the store can be elsewhere.
func writeKeyFile(name, secret string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".owner.key-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(secret + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, ignoreAbsent(os.Remove(f.Name())))
	}
	return nil
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
