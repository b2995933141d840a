package laptop

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"almanac/internal/catalog"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"

	"go.etcd.io/bbolt"
)

// keysWith are the keys in a data directory that hold a text.
func keysWith(t *testing.T, data, text string) (keys []string) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(data, "almanac.db"), 0o600, &bbolt.Options{ReadOnly: true, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("items")).ForEach(func(k, _ []byte) error {
			// What a network notes of a project is not the project's.
			if strings.Contains(string(k), text) && !strings.Contains(string(k), "#REFERENCES#") {
				keys = append(keys, string(k))
			}
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestNothingIsLeftOfADeletedProjectThoughTheServerWasKilled(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data, nil, "--sample")
	if p.status(p.key, sample) != 200 {
		t.Fatal("there is no sample")
	}
	if status, body, err := p.try(p.key, "DELETE", sample, ""); status != 204 {
		t.Fatalf("the delete is answered with %d %s, %v", status, body, err)
	}
	p.signal(syscall.SIGKILL)
	<-p.ended
	for end := time.Now().Add(patience); len(keysWith(t, data, "eshop-sample")) > 0; {
		if time.Now().After(end) {
			t.Fatalf("left are %q", keysWith(t, data, "eshop-sample"))
		}
		p := serve(t, data, nil)
		if p.status(p.key, sample) != 404 {
			t.Error("what was deleted is there again")
		}
		p.stop()
	}
}

func TestASampleOfWhichHalfWasLoadedIsLoadedAnew(t *testing.T) {
	data := t.TempDir()
	st, err := bolt.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	half := tenant.Principal{Workspace: tenant.Local, ID: "sample", Label: "sample", Role: tenant.Owner}
	cat := catalog.New(st, time.Now, 10)
	if _, err := cat.CreateProjectAs(t.Context(), half, "eshop-sample", catalog.NewProject{Name: "Half"}); err != nil {
		t.Fatal(err)
	}
	if _, err := cat.CreateService(t.Context(), half, catalog.CreateServiceInput{ProjectID: "eshop-sample", Body: catalog.NewService{Name: "Half"}}); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	p := serve(t, data, nil, "--sample")
	defer p.stop()
	if got := p.ask("GET", sample+"/history", ""); !strings.Contains(got, `"totalCount":11`) || strings.Contains(got, "half") {
		t.Errorf("its history is %s", got)
	}
}
