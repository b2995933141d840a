package lambda

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"almanac/internal/catalog"
	"almanac/tests/lambda/golden"
	"almanac/tests/lambda/runtimeapi"
)

func TestEventsAreSentToTheBusAgainInTheirOrderAndFromWhereItRefused(t *testing.T) {
	dir := t.TempDir()
	if err := runtimeapi.Build(dir, "", "almanac/cmd/almanac"); err != nil {
		t.Fatal(err)
	}
	w, b := newWorld(t), newBus(t)
	e := w.event(t, "getEvents")
	e.SetQuery("after", "0")
	var page catalog.EventPage
	if err := json.Unmarshal([]byte(golden.ByHTTP(t, e.Request(t, w.laptop.URL)).Body), &page); err != nil || len(page.Events) < 4 {
		t.Fatalf("%v, %d events", err, len(page.Events))
	}
	replay := func(after string) (printed []catalog.Event, said string, code int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "almanac"), "events", "replay", "--workspace", "local", "--project", "eshop-sample",
			"--after", after, "--data", t.TempDir(), "--store", "dynamodb", "--table", w.table.Table, "--endpoint", w.table.Endpoint, "--bus", "bus")
		cmd.Env = []string{"AWS_ENDPOINT_URL=" + b.URL, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"}
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run() // how it ended is in ProcessState
		for line := range strings.Lines(out.String()) {
			var event catalog.Event
			if err := json.Unmarshal([]byte(line), &event); err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			printed = append(printed, event)
		}
		return printed, errs.String(), cmd.ProcessState.ExitCode()
	}
	calls := 0
	b.before = func(string) int {
		if calls++; calls > 2 {
			return http.StatusBadRequest
		}
		return 0
	}
	printed, said, code := replay("0")
	if code != 1 || !slices.Equal(printed, page.Events[:2]) || !strings.Contains(said, "--after 2") {
		t.Fatalf("ended with %d having printed %v: %s", code, printed, said)
	}
	b.before = nil
	b.arrived = b.arrived[:2] // of the third the bus took nothing
	if printed, said, code := replay("2"); code != 0 || !slices.Equal(printed, page.Events[2:]) {
		t.Fatalf("ended with %d having printed %v: %s", code, printed, said)
	}
	if !slices.Equal(b.arrived, page.Events) {
		t.Errorf("sent were %v", b.arrived)
	}
}
