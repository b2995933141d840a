package tenant

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
)

func newKeys(t *testing.T) (*Keys, store.Store) {
	t.Helper()
	st, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return NewKeys(st, func() time.Time { return time.UnixMilli(1000) }), st
}

func TestSecrets(t *testing.T) {
	t.Run("have a prefix, 34 random characters and the CRC-32 of these in base62", func(t *testing.T) {
		const known = "alm_" + "0123456789ABCDEFGHIJKLMNOPQRSTUVWX" + "0TeJoD"
		if got := checksum("0123456789ABCDEFGHIJKLMNOPQRSTUVWX"); known[38:] != got {
			t.Errorf("the checksum is %q, want %q", got, known[38:])
		}
	})
	t.Run("are all different and well formed", func(t *testing.T) {
		a, b := NewSecret(), NewSecret()
		if a == b || len(a) != 44 || !wellFormed(a) || !wellFormed(b) {
			t.Errorf("they are %q and %q", a, b)
		}
	})
	t.Run("show every typo of one character", func(t *testing.T) {
		secret := NewSecret()
		for i := range secret {
			typo := secret[:i] + map[bool]string{true: "y", false: "x"}[secret[i] == 'x'] + secret[i+1:]
			if wellFormed(typo) {
				t.Errorf("%q passes for %q", typo, secret)
			}
		}
	})
}

func TestAuthenticate(t *testing.T) {
	keys, _ := newKeys(t)
	secret := NewSecret()
	if err := keys.CreateKey(t.Context(), "acme", "ci", secret); err != nil {
		t.Fatal(err)
	}
	withEnv := keys.WithOwnerKey("a key from the environment")
	for _, c := range []struct {
		name   string
		keys   *Keys
		header []string
		want   string // workspace; empty: refused
		says   string
	}{
		{"a key opens its workspace", keys, []string{"Bearer " + secret}, "acme", ""},
		{"the scheme is in any case", keys, []string{"bearer " + secret}, "acme", ""},
		{"no header", keys, nil, "", "send the header"},
		{"an empty header", keys, []string{""}, "", "send the header"},
		{"another scheme", keys, []string{"Basic " + secret}, "", "send the header"},
		{"a scheme without a key", keys, []string{"Bearer "}, "", "send the header"},
		{"two headers", keys, []string{"Bearer " + secret, "Bearer " + secret}, "", "send the header"},
		{"a mistyped key", keys, []string{"Bearer " + secret[:43] + "?"}, "", "mistyped"},
		{"an unknown key", keys, []string{"Bearer " + NewSecret()}, "", "no such key"},
		{"the key of the environment opens local", withEnv, []string{"Bearer a key from the environment"}, Local, ""},
		{"beside it the kept keys still open theirs", withEnv, []string{"Bearer " + secret}, "acme", ""},
		{"it is unknown where it is not set", keys, []string{"Bearer a key from the environment"}, "", "no such key: those that are made here begin with alm_"},
		{"another system's token", withEnv, []string{"Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmVk"}, "", "no such key: those that are made here begin with alm_"},
		{"a key in two parts", keys, []string{"Bearer " + secret[:20] + " " + secret[20:]}, "", "mistyped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := c.keys.Authenticate(t.Context(), c.header)
			if c.want != "" {
				if err != nil || p.Workspace != c.want || p.ID == "" || !p.May(CatalogWrite) {
					t.Errorf("got %+v, %v", p, err)
				}
				return
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Kind != fault.Unauthenticated || f.Code != "unauthorized" || !strings.Contains(f.Details, c.says) {
				t.Errorf("got %+v, %v", p, err)
			}
			if ok && strings.Contains(f.Error(), secret[4:20]) {
				t.Errorf("the error shows the key: %v", f)
			}
		})
	}
}

func TestOnlyTheHashOfASecretIsKept(t *testing.T) {
	keys, st := newKeys(t)
	secret := NewSecret()
	if err := keys.CreateKey(t.Context(), "acme", "ci", secret); err != nil {
		t.Fatal(err)
	}
	item, err := st.Get(t.Context(), secretKey(hashOf(secret)))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(item.Body), secret[4:]) {
		t.Errorf("the record holds the secret: %s", item.Body)
	}
}

func TestWorkspacesAreMadeOnceHoweverManyMakeThem(t *testing.T) {
	keys, _ := newKeys(t)
	var wg sync.WaitGroup
	secrets := make([]string, 8)
	for i := range secrets {
		secrets[i] = NewSecret()
		wg.Go(func() {
			if err := keys.CreateKey(t.Context(), "acme", "ci", secrets[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, secret := range secrets {
		if _, err := keys.Authenticate(t.Context(), []string{"Bearer " + secret}); err != nil {
			t.Error(err)
		}
	}
	if exists, keyed, err := keys.Workspace(t.Context(), "acme"); !exists || !keyed || err != nil {
		t.Errorf("exists %v, keyed %v, %v", exists, keyed, err)
	}
}

func TestAWorkspaceWithoutAKeyIsToldFromOneThatHasOne(t *testing.T) {
	keys, _ := newKeys(t)
	check := func(exists, keyed bool) {
		t.Helper()
		if e, k, err := keys.Workspace(context.Background(), Local); e != exists || k != keyed || err != nil {
			t.Errorf("exists %v, keyed %v, %v", e, k, err)
		}
	}
	check(false, false)
	for range 2 {
		if err := keys.CreateWorkspace(t.Context(), Local); err != nil {
			t.Fatal(err)
		}
		check(true, false)
	}
	if err := keys.CreateKey(t.Context(), Local, "owner", NewSecret()); err != nil {
		t.Fatal(err)
	}
	check(true, true)
}

func TestWorkspaceNames(t *testing.T) {
	for _, name := range []string{"local", "acme", "team-b", "Team_B.2", "7"} {
		if err := CheckWorkspaceName(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"", "-a", ".a", "a b", "a#b", "ä", "a/b", strings.Repeat("a", 64)} {
		if CheckWorkspaceName(name) == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}
