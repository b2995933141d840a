package deploy

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheFirstKeyOfAWorkspaceIsMadeByACommandAndOpensTheGateway(t *testing.T) {
	e := newWorld(t, "").event(t, "listProjects")
	for _, c := range []struct {
		name   string
		args   []string
		plan   string
		status int
		says   string
	}{
		{"with the stack's plans", []string{"--plans", stack.Outputs["Plans"]}, "standard", http.StatusOK, ""},
		{"in another plan", []string{"--plans", stack.Outputs["Plans"], "--plan", "free"}, "free", http.StatusOK, ""},
		{"without plans", nil, "", http.StatusForbidden, "--plans"},
	} {
		t.Run(c.name, func(t *testing.T) {
			secret, said, err := stack.CreateKey(t.Context(), "first", c.args...)
			if err != nil || !strings.Contains(said, c.says) {
				t.Fatalf("said %q, %v", said, err)
			}
			e.SetHeader("Authorization", "Bearer "+secret)
			a := call(t, e.Request(t, stack.Address(e.Path)))
			if a.StatusCode != c.status {
				t.Errorf("answers %d %s", a.StatusCode, a.Body)
			}
			if limit := a.MultiValueHeaders["Ratelimit-Policy"]; c.plan != "" && (len(limit) != 1 || !strings.HasPrefix(limit[0], `"`+c.plan+`"`)) {
				t.Errorf("is limited by %q", limit)
			}
		})
	}
}

// Each first key has a quota of its own: the gateway knows it by its own id.
func TestFirstKeysDoNotShareAPlansLimits(t *testing.T) {
	e := newWorld(t, "").event(t, "listProjects")
	for range 2 {
		secret, _, err := stack.CreateKey(t.Context(), "apart", "--plans", stack.Outputs["Plans"], "--plan", "free")
		if err != nil {
			t.Fatal(err)
		}
		e.SetHeader("Authorization", "Bearer "+secret)
		for range 8 { // of the ten at once that the plan allows
			if a := call(t, e.Request(t, stack.Address(e.Path))); a.StatusCode != http.StatusOK {
				t.Fatalf("answers %d %s", a.StatusCode, a.Body)
			}
		}
	}
}
