package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"almanac/internal/tenant"
)

const maxLabel = 60

// createKey prints a new owner key of a workspace, alone on standard output so
// that a script can take it.
func createKey(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) (err error) {
	var s settings
	f := newFlags("keys create", env, stdout)
	f.StringVar(&s.workspace, "workspace", "", "name of the workspace, which is made if it is not there")
	f.StringVar(&s.label, "label", "owner", "what is shown as the author of what the key writes")
	if err := f.parse(args, &s); err != nil {
		return err
	}
	if err := tenant.CheckWorkspaceName(s.workspace); err != nil {
		return usageError("--workspace: %w", err)
	}
	if strings.TrimSpace(s.label) == "" || utf8.RuneCountInString(s.label) > maxLabel ||
		strings.ContainsFunc(s.label, unicode.IsControl) || !utf8.ValidString(s.label) {
		return usageError("--label is 1 to %d characters without control characters", maxLabel)
	}
	st, err := s.openStore(ctx, env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	keys := tenant.NewKeys(st, time.Now)
	nothing := func() error { return nil }
	if err := bootstrap(ctx, s, keys, nothing, stderr); err != nil {
		return err
	}
	secret := tenant.NewSecret()
	if err := keys.CreateKey(ctx, s.workspace, s.label, secret); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, secret)
	return err
}
