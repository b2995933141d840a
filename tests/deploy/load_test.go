package deploy

import (
	"flag"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/tests/lambda/golden"
)

var load = flag.Duration("load", 0, "how long 64 clients call the deployed stack; 0: not at all")

// TestUnderLoadNothingFailsAndNoWriteIsLost is about correctness: how fast an
// emulator is says nothing about AWS.
func TestUnderLoadNothingFailsAndNoWriteIsLost(t *testing.T) {
	if *load == 0 {
		t.Skip("asked for by -load, as in make deploy-load")
	}
	// Two writers a project: they take turns, and more of them would wait for
	// longer than a request may take, as slow as an emulator is.
	const clients, projects = 64, 32
	w := newWorld(t, "standard")
	workspace := fmt.Sprintf("world-%d", worlds)
	secrets := make([]string, clients) // one each, so that no plan is used up
	for i := range secrets {
		var err error
		if secrets[i], _, err = stack.CreateKey(t.Context(), workspace, "--plans", stack.Outputs["Plans"]); err != nil {
			t.Fatal(err)
		}
	}
	ids := make([]string, projects)
	for i := range ids {
		e := w.event(t, "createProject")
		ids[i] = member(golden.ByHTTP(t, e.Request(t, stack.Address(e.Path))).Body, "id")
	}

	var mu sync.Mutex
	statuses, written := map[string]int{}, map[string]map[string]bool{}
	for _, id := range ids {
		written[id] = map[string]bool{}
	}
	var wg sync.WaitGroup
	end := time.Now().Add(*load)
	for client := range clients {
		create, read := w.event(t, "createService"), w.event(t, "getService")
		create.SetHeader("Authorization", "Bearer "+secrets[client])
		read.SetHeader("Authorization", "Bearer "+secrets[client])
		project := ids[client%projects]
		create.Path = "/v1/projects/" + project + "/services"
		wg.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				create.SetBody(fmt.Sprintf(`{"name":"client %d write %d"}`, client, n))
				a := golden.ByHTTP(t, create.Request(t, stack.Address(create.Path)))
				slug := member(a.Body, "slug")
				read.Path = create.Path + "/" + slug
				read.MultiValueQuery = nil
				b := golden.ByHTTP(t, read.Request(t, stack.Address(read.Path)))
				mu.Lock()
				statuses[fmt.Sprint("POST ", a.StatusCode)]++
				statuses[fmt.Sprint("GET ", b.StatusCode)]++
				if a.StatusCode == 200 {
					written[project][slug] = true
				}
				if a.StatusCode >= 500 || b.StatusCode >= 500 {
					t.Errorf("answers %d %s and %d %s", a.StatusCode, a.Body, b.StatusCode, b.Body)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	all := 0
	for id, slugs := range written {
		e := w.event(t, "listServices")
		e.Path, e.MultiValueQuery = "/v1/projects/"+id+"/services", map[string][]string{"limit": {"1000"}}
		list := golden.ByHTTP(t, e.Request(t, stack.Address(e.Path))).Body
		all += len(slugs)
		maps.DeleteFunc(slugs, func(slug string, _ bool) bool { return strings.Contains(list, `"slug":"`+slug+`"`) })
		if len(slugs) > 0 {
			t.Errorf("%d acknowledged writes are not in the list of %s", len(slugs), id)
		}
	}
	t.Logf("%d clients for %s: %v; all %d acknowledged writes are there", clients, *load, statuses, all)
}

// member is the first text member of a name in a JSON body.
func member(body, name string) string {
	_, rest, _ := strings.Cut(body, `"`+name+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
