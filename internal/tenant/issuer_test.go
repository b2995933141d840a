package tenant

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/timeline"
)

func TestANewKeyIsWhatWasAskedForAndShowsItsSecretOnce(t *testing.T) {
	w := newWorld(t)
	made := w.make(w.owner, NewKey{Name: "ci", Scopes: []Scope{Admin, CatalogRead, Admin}, Plan: Free, ExpiresAt: w.at(time.Hour)})
	want := Key{
		ID: made.ID, Name: "ci", Scopes: []Scope{CatalogRead, Admin}, Plan: Free, LastFour: made.Secret[40:],
		CreatedAt: 1_000_000, CreatedBy: "root of acme", ExpiresAt: timeline.Instant(1_000_000 + time.Hour.Milliseconds()),
	}
	listed := slices.ContainsFunc(w.list(w.owner), func(k Key) bool { return reflect.DeepEqual(k, want) })
	if !reflect.DeepEqual(made.Key, want) || !reflect.DeepEqual(w.read(made.ID), want) || !listed {
		t.Errorf("made as %+v, read as %+v, listed as %+v", made, w.read(made.ID), w.list(w.owner))
	}
	p := w.enter(made.Secret)
	if !reflect.DeepEqual(p, Principal{Workspace: "acme", ID: made.ID, Label: "ci", Scopes: want.Scopes, Plan: Free}) {
		t.Errorf("it lets in %+v", p)
	}
	items, err := w.store.Range(t.Context(), store.Query{Partition: keysOf("acme")})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		if strings.Contains(string(item.Body), made.Secret[4:38]) {
			t.Errorf("the secret is kept: %s", item.Body)
		}
	}
	shown, err := json.Marshal(w.list(w.owner))
	if err != nil || strings.Contains(string(shown), hashOf(made.Secret)[:16]) {
		t.Errorf("the list shows the hash: %s, %v", shown, err)
	}
}

func TestWhatNoKeyCanBeIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name   string
		change func(*NewKey)
		fields []string
	}{
		{"a name with a control character", func(k *NewKey) { k.Name = "c\ni" }, []string{"name"}},
		{"an end in the past", func(k *NewKey) { k.ExpiresAt = w.at(-time.Hour) }, []string{"expiresAt"}},
		{"an end now", func(k *NewKey) { k.ExpiresAt = w.at(0) }, []string{"expiresAt"}},
		{"both", func(k *NewKey) { k.Name, k.ExpiresAt = "\u0085", w.at(-1) }, []string{"name", "expiresAt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := forCI
			c.change(&in)
			_, err := w.CreateKey(t.Context(), w.owner, CreateKeyInput{in})
			fails(t, err, fault.Invalid, "validation_failed", "")
			var fields []string
			for _, v := range fault.Of(err).Violations {
				fields = append(fields, v.Field)
			}
			if !slices.Equal(fields, c.fields) {
				t.Errorf("violations of %v, not %v", fields, c.fields)
			}
		})
	}
	if len(w.live()) != 0 || len(w.inGateway()) != 0 {
		t.Errorf("made %v, attached %v", w.live(), w.inGateway())
	}
}

func TestAKeyCannotGrantWhatItLacks(t *testing.T) {
	w := newWorld(t)
	p := w.enter(w.make(w.owner, NewKey{Name: "issuer", Scopes: []Scope{Admin, CatalogRead}, Plan: Free}).Secret)
	strong := w.make(w.owner, NewKey{Name: "strong", Scopes: []Scope{Admin, CatalogWrite}, Plan: Free})
	larger := w.make(w.owner, NewKey{Name: "larger", Scopes: []Scope{CatalogRead}, Plan: Standard})
	try := func(in NewKey) error {
		_, err := w.CreateKey(t.Context(), p, CreateKeyInput{in})
		return err
	}
	rotate := func(id string) error {
		_, err := w.RotateKey(t.Context(), p, RotateKeyInput{id})
		return err
	}
	fails(t, try(NewKey{Name: "x", Scopes: []Scope{CatalogWrite}, Plan: Free}), fault.Forbidden, "forbidden", "catalog:write")
	fails(t, try(NewKey{Name: "x", Scopes: []Scope{CatalogRead, ComputeRead}, Plan: Free}), fault.Forbidden, "forbidden", "compute:read")
	fails(t, try(NewKey{Name: "x", Scopes: []Scope{CatalogRead}, Plan: Standard}), fault.Forbidden, "forbidden", "plan")
	fails(t, rotate(strong.ID), fault.Forbidden, "forbidden", "catalog:write")
	fails(t, rotate(larger.ID), fault.Forbidden, "forbidden", "plan")
	fails(t, rotate(w.owner.ID), fault.Forbidden, "forbidden", "catalog:write")
	if err := try(NewKey{Name: "x", Scopes: []Scope{CatalogRead, Admin}, Plan: Free}); err != nil {
		t.Error(err)
	}
	if err := rotate(p.ID); err != nil {
		t.Error(err)
	}
}

func TestAnExpiredKeyOpensNothingFromItsEndOn(t *testing.T) {
	w := newWorld(t)
	in := forCI
	in.ExpiresAt = w.at(time.Hour)
	made := w.make(w.owner, in)
	w.after(time.Hour - time.Millisecond).enter(made.Secret)
	w.after(time.Millisecond).shut(made.Secret, "expired at 1970-01-01T01:16:40.000Z")
	_, err := w.RotateKey(t.Context(), w.owner, RotateKeyInput{made.ID})
	fails(t, err, fault.Conflict, "conflict", "expired")
	if w.read(made.ID).ID != made.ID {
		t.Error("it is not shown")
	}
	w.revoked(made.ID)
	w.shut(made.Secret, "revoked")
}

func TestARevokedKeyOpensNothingAtOnceAndIsShownForAWhile(t *testing.T) {
	w := newWorld(t)
	made := w.make(w.owner, forCI)
	second := w.after(time.Second).rotated(made.ID)
	w.after(time.Second).revoked(made.ID)
	for _, secret := range []string{made.Secret, second.Secret} {
		w.shut(secret, "revoked at 1970-01-01T00:16:42.000Z")
	}
	w.after(time.Hour).revoked(made.ID)
	if key := w.read(made.ID); key.RevokedAt != 1_002_000 {
		t.Errorf("after a second delete it is %+v", key)
	}
	_, err := w.RotateKey(t.Context(), w.owner, RotateKeyInput{made.ID})
	fails(t, err, fault.Conflict, "conflict", "revoked")
	w.after(revokedKept)
	_, err = w.GetKey(t.Context(), w.owner, GetKeyInput{made.ID})
	fails(t, err, fault.NotFound, "not_found", "")
	if keys := w.list(w.owner); len(keys) != 1 {
		t.Errorf("listed are %+v", keys)
	}
	w.shut(made.Secret, "revoked")
}

func TestBothSecretsOfARotatedKeyWorkForAGracePeriodAsOneActor(t *testing.T) {
	w := newWorld(t)
	first := w.make(w.owner, forCI)
	second := w.after(time.Second).rotated(first.ID)
	if second.ID != first.ID || second.Secret == first.Secret || second.LastFour != second.Secret[40:] || second.CreatedAt != first.CreatedAt ||
		second.PreviousUntil != *w.at(RotationGrace) {
		t.Errorf("first %+v, then %+v", first, second)
	}
	third := w.after(time.Hour).rotated(first.ID)
	for _, secret := range []string{first.Secret, second.Secret, third.Secret} {
		if p := w.enter(secret); p.ID != first.ID || p.Label != "ci" {
			t.Errorf("it lets in %+v", p)
		}
	}
	w.after(RotationGrace - time.Hour - time.Millisecond).enter(first.Secret)
	w.after(time.Millisecond).shut(first.Secret, "rotated")
	w.enter(second.Secret)
	w.after(time.Hour).shut(second.Secret, "rotated")
	w.enter(third.Secret)
	w.revoked(first.ID)
	w.shut(first.Secret, "")
	w.shut(third.Secret, "revoked")
}

func TestNoOldSecretOutlivesItsKey(t *testing.T) {
	w := newWorld(t)
	in := forCI
	in.ExpiresAt = w.at(time.Hour)
	made := w.make(w.owner, in)
	if r := w.rotated(made.ID); r.PreviousUntil != r.ExpiresAt {
		t.Errorf("rotated as %+v", r)
	}
	w.after(time.Hour).shut(made.Secret, "expired")
}

func TestAKeyHasOnlySoManySecrets(t *testing.T) {
	w := newWorld(t)
	made := w.make(w.owner, forCI)
	for range maxSecrets - 1 {
		w.after(time.Minute).rotated(made.ID)
	}
	_, err := w.RotateKey(t.Context(), w.owner, RotateKeyInput{made.ID})
	fails(t, err, fault.Conflict, "conflict", "10 secrets")
	w.enter(made.Secret)
	last := w.after(RotationGrace).rotated(made.ID)
	w.enter(last.Secret)
}

func TestAKeyOfTheHostIsListedRotatedAndRevokedLikeAnyOther(t *testing.T) {
	w := newWorld(t)
	want := Key{
		ID: w.owner.ID, Name: "root of acme", Scopes: allScopes, Role: Owner, Plan: Standard,
		LastFour: w.secret[40:], CreatedAt: 1_000_000,
	}
	if got := w.read(w.owner.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	second := w.rotated(w.owner.ID)
	if p := w.enter(second.Secret); !reflect.DeepEqual(p, w.owner) {
		t.Errorf("it lets in %+v", p)
	}
	w.revoked(w.owner.ID)
	w.shut(w.secret, "revoked")
	w.shut(second.Secret, "revoked")
}

func TestAKeyOfBeforeKeysWereListedStillOpensItsWorkspace(t *testing.T) {
	w := newWorld(t)
	secret := NewSecret()
	body := `{"id":"7d1c2c64-0f5e-4a3a-9a53-2f3d5e1f9b10","workspace":"acme","label":"old","role":"owner","createdAt":5}`
	if err := w.store.Transact(t.Context(), store.Put(store.Item{Key: secretKey(hashOf(secret)), Version: 1, Body: []byte(body)}, store.Absent())); err != nil {
		t.Fatal(err)
	}
	if p := w.enter(secret); p.Workspace != "acme" || !p.May(Admin) {
		t.Errorf("it lets in %+v", p)
	}
}

func TestKeysOfAnotherWorkspaceAreNotThere(t *testing.T) {
	w := newWorld(t)
	made := w.make(w.owner, forCI)
	if keys := w.list(w.foreign); len(keys) != 1 || keys[0].ID != w.foreign.ID {
		t.Errorf("the other workspace sees %+v", keys)
	}
	for _, id := range []string{made.ID, strings.ToUpper(made.ID), "00000000-0000-4000-8000-000000000000", "x", "", strings.Repeat("é", 4000), "PENDING#", made.ID + "#"} {
		for name, p := range map[string]Principal{"theirs": w.foreign, "ours": w.owner} {
			if id == made.ID && name == "ours" {
				continue
			}
			_, get := w.GetKey(t.Context(), p, GetKeyInput{id})
			_, rotate := w.RotateKey(t.Context(), p, RotateKeyInput{id})
			for _, err := range []error{get, rotate, w.DeleteKey(t.Context(), p, DeleteKeyInput{id})} {
				if err != ErrKeyNotFound {
					t.Errorf("%s %.40q: %v", name, id, err)
				}
			}
		}
	}
	w.enter(made.Secret)
}

func TestAllKeysAreListedTheNewestFirst(t *testing.T) {
	w := newWorld(t)
	var want []string
	for n := range 20 {
		w.after(time.Millisecond)
		want = append([]string{w.make(w.owner, NewKey{Name: fmt.Sprint(n), Scopes: []Scope{CatalogRead}, Plan: Free}).ID}, want...)
	}
	var got []string
	for _, key := range w.list(w.owner)[:20] {
		got = append(got, key.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed are %v, not %v", got, want)
	}
}

func TestAWorkspaceHasOnlySoManyKeysAndRevokedOnesDoNotCount(t *testing.T) {
	w := newWorld(t)
	ids := make([]string, 0, MaxKeys)
	var ops []store.Op
	for n := range MaxKeys - 1 { // and the owner's
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
		op, err := putListed(listedRecord{keyRecord: keyRecord{ID: id, Workspace: "acme", Scopes: forCI.Scopes, Plan: Free}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		ids, ops = append(ids, id), append(ops, op)
	}
	for batch := range slices.Chunk(ops, store.MaxOps) {
		if err := w.store.Transact(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.CreateKey(t.Context(), w.owner, CreateKeyInput{forCI})
	fails(t, err, fault.Conflict, "conflict", "1000 keys")
	w.revoked(ids[7])
	w.make(w.owner, forCI)
	if keys := w.list(w.owner); len(keys) != MaxKeys+1 {
		t.Errorf("%d keys are listed", len(keys))
	}
}

func TestWhoeverRacesADeleteNothingIsOpenAfterIt(t *testing.T) {
	w := newWorld(t)
	for range 10 {
		made := w.make(w.owner, forCI)
		secrets := []string{made.Secret}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				r, err := w.RotateKey(t.Context(), w.owner, RotateKeyInput{made.ID})
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					secrets = append(secrets, r.Secret)
				} else if fault.Of(err).Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		for range 2 {
			wg.Go(func() {
				if err := w.DeleteKey(t.Context(), w.owner, DeleteKeyInput{made.ID}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, secret := range secrets {
			w.shut(secret, "revoked")
		}
	}
	if left := w.inGateway(); len(left) != 0 {
		t.Errorf("attached are %v", left)
	}
}

// What each operation may cost, in DynamoDB's units: strong reads of 4 KB and
// transactional writes of 1 KB.
func TestUnits(t *testing.T) {
	w := newWorld(t)
	laptop := NewIssuer(w.store, w.now, nil)
	name := strings.Repeat("🔑", 60)
	var made CreatedKey
	for _, c := range []struct {
		what          string
		do            func(context.Context) error
		reads, writes float64
	}{
		{"createKey", func(ctx context.Context) (err error) {
			made, err = w.CreateKey(ctx, w.owner, CreateKeyInput{NewKey{Name: name, Scopes: allScopes, Plan: Free}})
			return err
		}, 2, 8},
		{"createKey without a gateway", func(ctx context.Context) error {
			_, err := laptop.CreateKey(ctx, w.owner, CreateKeyInput{NewKey{Name: name, Scopes: allScopes, Plan: Free}})
			return err
		}, 1, 4},
		{"authentication", func(ctx context.Context) error {
			_, err := w.keys.Authenticate(ctx, []string{"Bearer " + made.Secret})
			return err
		}, 1, 0},
		{"rotateKey", func(ctx context.Context) error {
			_, err := w.RotateKey(ctx, w.owner, RotateKeyInput{made.ID})
			return err
		}, 1, 6},
		{"authentication by the old secret", func(ctx context.Context) error {
			_, err := w.keys.Authenticate(ctx, []string{"Bearer " + made.Secret})
			return err
		}, 1, 0},
		{"getKey", func(ctx context.Context) error {
			_, err := w.GetKey(ctx, w.owner, GetKeyInput{made.ID})
			return err
		}, 1, 0},
		{"listKeys of 3", func(ctx context.Context) error {
			_, err := w.ListKeys(ctx, w.owner, ListKeysInput{})
			return err
		}, 1, 0},
		{"deleteKey of two secrets", func(ctx context.Context) error {
			return w.DeleteKey(ctx, w.owner, DeleteKeyInput{made.ID})
		}, 3, 12}, // with a look for keys that expired
	} {
		ctx, m := store.WithMeter(t.Context())
		if err := c.do(ctx); err != nil {
			t.Fatal(err)
		}
		t.Logf("%-34s %4.0f read units, %3.0f write units, %d calls", c.what, m.ReadUnits, m.WriteUnits, m.Calls)
		if m.ReadUnits > c.reads || m.WriteUnits > c.writes {
			t.Errorf("%s costs %v read and %v write units, at most %v and %v are allowed", c.what, m.ReadUnits, m.WriteUnits, c.reads, c.writes)
		}
	}
}
