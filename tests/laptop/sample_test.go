package laptop

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const sample = "/v1/projects/eshop-sample"

func TestTheSampleFillsAnEmptyDirectoryWithServicesAndAPast(t *testing.T) {
	p := serve(t, t.TempDir(), nil, "--sample")
	defer p.stop()
	project := decode[struct {
		ID           string
		ServiceCount int
		IsOwner      bool
	}](t, p.ask("GET", sample, ""))
	if project.ID != "eshop-sample" || project.ServiceCount != 8 {
		t.Errorf("the project is %+v", project)
	}
	var slugs []string
	for _, s := range decode[[]service](t, p.ask("GET", sample+"/services", "")) {
		slugs = append(slugs, s.Slug)
	}
	want := []string{"basket-api", "catalog-api", "identity-api", "ordering-api", "orderprocessor", "paymentprocessor", "webapp", "webhooks-api"}
	if !slices.Equal(slugs, want) {
		t.Errorf("the services are %v", slugs)
	}
	events := decode[struct {
		TotalCount int
		Events     []struct{ ServiceSlug, ChangeType, Timestamp string }
	}](t, p.ask("GET", sample+"/history", ""))
	if events.TotalCount <= 8 || events.Events[0].ChangeType != "UPDATE" {
		t.Fatalf("the history is %+v", events)
	}
	changed := events.Events[0].ServiceSlug
	now := decode[service](t, p.ask("GET", sample+"/services/"+changed, ""))
	past := decode[service](t, p.ask("GET", sample+"/services/"+changed+"?at="+now.CreatedAt, ""))
	if past.Description == now.Description || past.ValidFrom >= now.ValidFrom {
		t.Errorf("then %+v, now %+v", past, now)
	}
}

func TestTheSampleIsLoadedOnlyOnce(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data, nil, "--sample")
	first := p.ask("GET", sample+"/history", "")
	p.ask("PUT", sample+"/services/webapp", `{"owner":"changed"}`)
	p.stop()
	again := serve(t, data, nil, "--sample")
	defer again.stop()
	if got := again.ask("GET", sample+"/history", ""); got == first || !strings.Contains(got, `"totalCount":12`) {
		t.Errorf("after another start the history is %s", got)
	}
}

func TestTheSampleLeavesADirectoryAloneThatIsNotEmpty(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data, nil)
	if p.status(p.key, sample) != 404 {
		t.Error("without --sample there is a sample")
	}
	p.stop()
	p = serve(t, data, nil, "--sample")
	if p.status(p.key, sample) != 404 {
		t.Error("a workspace that was there got the sample")
	}
	p.prints(regexp.MustCompile(`(?m)^--sample did nothing: .* empty data directory only$`))
	p.stop()
	if strings.Contains(p.stdout.String(), "curl") {
		t.Errorf("requests were printed for a sample that is not there:\n%s", p.stdout)
	}
}

var lastRequest = regexp.MustCompile(`(?m)^curl .*"colour".*\n`)

func TestTheRequestsThatAreToBeCopiedWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("this test runs the printed curl lines and needs curl (Debian: apt-get install curl)")
	}
	for name, env := range map[string][]string{"with the key that is kept": nil, "with the key of the environment": {`ALMANAC_OWNER_KEY=a key of "my" own $HOME`}} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, filepath.Join(t.TempDir(), `Conan O'Brien's "data" $HOME`), env, "--sample")
			defer p.stop()
			p.prints(lastRequest)
			var answers []string
			for line := range strings.Lines(p.stdout.String()) {
				if !strings.HasPrefix(line, "curl ") {
					continue
				}
				copied := exec.CommandContext(t.Context(), "sh", "-c", line)
				copied.Dir, copied.Env = p.cmd.Dir, append(os.Environ(), env...)
				out, err := copied.Output()
				if err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				answers = append(answers, string(out))
			}
			if len(answers) != 7 {
				t.Fatalf("%d lines to copy:\n%s", len(answers), p.stdout)
			}
			if n := len(decode[[]service](t, answers[0])); n != 8 {
				t.Errorf("all services now: %d", n)
			}
			now, before := decode[service](t, answers[1]), decode[service](t, answers[2])
			if now.Slug != before.Slug || now.Description == before.Description || before.ValidFrom >= now.ValidFrom {
				t.Errorf("now %+v, before %+v", now, before)
			}
			if events := decode[struct{ TotalCount int }](t, answers[3]); events.TotalCount != 11 {
				t.Errorf("the history: %s", answers[3])
			}
			type listening struct{ Host struct{ Name string } }
			if at := decode[[]listening](t, answers[4]); len(at) != 1 || at[0].Host.Name != "app-02" {
				t.Errorf("it listens %s", answers[4])
			}
			if hosts := decode[struct{ Data []service }](t, answers[5]); len(hosts.Data) != 3 {
				t.Errorf("the hosts are %s", answers[5])
			}
			const wrong = `{"status":400,"code":"validation_failed","message":"Validation failed","violations":[` +
				`{"field":"name","message":"must not be blank","rejectedValue":" "},` +
				`{"field":"owner","message":"must be a string","rejectedValue":7},` +
				`{"field":"colour","message":"unknown member"}]}`
			if answers[6] != wrong {
				t.Errorf("a wrong request: %s", answers[6])
			}
		})
	}
}
