package laptop

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var wellFormed = regexp.MustCompile(`^alm_[0-9A-Za-z]{40}$`)

func TestAnEmptyDirectoryGetsAKeyThatIsPrintedOnceAndKept(t *testing.T) {
	data := filepath.Join(t.TempDir(), "a new", "directory")
	p := serve(t, data, nil)
	info, err := os.Stat(filepath.Join(data, "owner.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("owner.key: %v %v", info.Mode(), err)
	}
	if !wellFormed.MatchString(p.key) {
		t.Errorf("the key is %q", p.key)
	}
	if n := strings.Count(p.stdout.String(), p.key); n != 1 {
		t.Errorf("the key was printed %d times:\n%s", n, p.stdout)
	}
	if p.status(p.key, "/v1/projects") != 200 {
		t.Error("the key does not open the workspace")
	}
	p.stop()
	again := serve(t, data, nil)
	if again.key != p.key || strings.Contains(again.stdout.String(), "alm_") {
		t.Errorf("the second start printed\n%s", again.stdout)
	}
	if again.status(p.key, "/v1/projects") != 200 {
		t.Error("the key does not open the workspace again")
	}
	again.stop()
	if entries, err := os.ReadDir(data); err != nil || len(entries) != 2 {
		t.Errorf("the directory holds %v %v", entries, err)
	}
	if holds(t, filepath.Join(data, "almanac.db"), p.key) {
		t.Error("the store holds the key itself")
	}
}

// holds tells whether text is anywhere in a file or below a directory.
func holds(t *testing.T, root, text string) (found bool) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		found = found || bytes.Contains(content, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAnOwnerKeyOfTheEnvironmentIsValidOnlyWhileItIsSet(t *testing.T) {
	data := t.TempDir()
	for _, key := range []string{strings.Repeat("k", 16), strings.Repeat("~", 128), "my own & \"secret\" $key", "alm_" + strings.Repeat("0", 40)} {
		t.Run(key[:8], func(t *testing.T) {
			p := serve(t, data, []string{"ALMANAC_OWNER_KEY=" + key})
			if p.status(key, "/v1/projects") != 200 || p.status(key+"x", "/v1/projects") != 401 {
				t.Error("the key does not open the workspace, or another one does")
			}
			p.stop()
			if out := p.stdout.String() + p.stderr.String(); strings.Contains(out, key) || strings.Contains(out, "alm_") || strings.Contains(out, "owner key") {
				t.Errorf("something was printed of a key:\n%s", out)
			}
			if _, err := os.Stat(filepath.Join(data, "owner.key")); err == nil || holds(t, data, key) {
				t.Error("the key was written")
			}
		})
	}
	path := func() string {
		p := serve(t, data, []string{"ALMANAC_OWNER_KEY=" + strings.Repeat("k", 16)})
		defer p.stop()
		return p.newProject("Mine")
	}()
	p := serve(t, data, nil)
	if p.status(strings.Repeat("k", 16), "/v1/projects") != 401 {
		t.Error("the key of the environment outlives it")
	}
	// The workspace is the same one; it has had no key of its own until now.
	if !wellFormed.MatchString(p.key) || !strings.Contains(p.stdout.String(), p.key) || p.status(p.key, path) != 200 {
		t.Errorf("without the environment the start printed\n%s", p.stdout)
	}
	p.stop()
	both := serve(t, data, []string{"ALMANAC_OWNER_KEY=" + strings.Repeat("k", 16)})
	if strings.Contains(both.stdout.String(), "alm_") || ownerKey(t, data) != p.key {
		t.Errorf("printed\n%s", both.stdout)
	}
	both.stop()
}

func TestKeysCreateInAFreshDirectory(t *testing.T) {
	data := filepath.Join(t.TempDir(), "fresh")
	p := invoke(t, nil, "keys", "create", "--workspace", "team-a", "--label", "CI of tëam a", "--data", data)
	if p.end() != 0 {
		t.Fatal(p.stderr)
	}
	key := strings.TrimSuffix(p.stdout.String(), "\n")
	if !wellFormed.MatchString(key) {
		t.Fatalf("printed %q", p.stdout)
	}
	owner := ownerKey(t, data)
	if !wellFormed.MatchString(owner) || owner == key || strings.Count(p.stderr.String(), owner) != 1 {
		t.Errorf("the owner's key is %q, told as %s", owner, p.stderr)
	}
	server := serve(t, data, nil)
	defer server.stop()
	if strings.Contains(server.stdout.String(), "alm_") {
		t.Errorf("the server printed\n%s", server.stdout)
	}
	server.key = key
	project := server.newProject("Theirs")
	created := decode[service](t, server.ask("POST", project+"/services", `{"name":"Cart"}`))
	if created.CreatedBy != "CI of tëam a" {
		t.Errorf("the label is shown as %q", created.CreatedBy)
	}
	if server.status(owner, project) != 404 || server.status(owner, "/v1/projects") != 200 {
		t.Error("the workspace local sees the other one, or nothing")
	}
}

func TestKeysCreateInAPlanLeavesTheOwnersKeyInTheOneOfServe(t *testing.T) {
	for name, c := range map[string]struct{ env, args []string }{
		"--plan":       {nil, []string{"--plan", "free"}},
		"ALMANAC_PLAN": {[]string{"ALMANAC_PLAN=free"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "fresh")
			p := invoke(t, c.env, append([]string{"keys", "create", "--workspace", "team-a", "--data", data}, c.args...)...)
			if p.end() != 0 {
				t.Fatal(p.stderr)
			}
			server := serve(t, data, nil)
			defer server.stop()
			for key, want := range map[string]string{strings.TrimSpace(p.stdout.String()): "free", ownerKey(t, data): "standard"} {
				_, list, err := server.try(key, "GET", "/v1/keys", "")
				if err != nil || strings.Count(list, `"plan"`) != 1 || !strings.Contains(list, `"plan":"`+want+`"`) {
					t.Errorf("the key is not in the plan %s: %s %v", want, list, err)
				}
			}
		})
	}
}

func TestKeysCreateInAWorkspaceThatIsThere(t *testing.T) {
	data := t.TempDir()
	first := serve(t, data, nil)
	project := first.newProject("Ours")
	first.stop()
	p := invoke(t, nil, "keys", "create", "--workspace", "local", "--data", data)
	if p.end() != 0 || p.stderr.String() != "" {
		t.Fatalf("ended with %d: %s", p.code, p.stderr)
	}
	second := serve(t, data, nil)
	defer second.stop()
	for _, key := range []string{first.key, strings.TrimSpace(p.stdout.String())} {
		if second.status(key, project) != 200 {
			t.Error("a key of the workspace does not open it")
		}
	}
}

func TestKeysCreateFailsWithinASecondWhileAServerRuns(t *testing.T) {
	data := t.TempDir()
	server := serve(t, data, nil)
	began := time.Now()
	p := invoke(t, nil, "keys", "create", "--workspace", "local", "--data", data)
	p.complains(1, data, "in use by another server")
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %s", took)
	}
	server.stop()
}
