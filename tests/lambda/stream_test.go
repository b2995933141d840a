package lambda

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"almanac/internal/catalog"
	"almanac/tests/lambda/golden"
	"almanac/tests/lambda/runtimeapi"
)

// stream asks getEvents for server-sent events and gives what comes after the
// metadata, which must be there before there is any news.
func stream(t *testing.T, f *runtimeapi.Function, e golden.Event, timeout time.Duration) (body *bufio.Reader, head golden.Answer, outcome func() (runtimeapi.Outcome, error)) {
	t.Helper()
	e.SetHeader("Accept", "text/event-stream")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	answer, outcome := f.Stream(ctx, e.Bytes(t), timeout)
	body = bufio.NewReader(answer)
	head, err := golden.Metadata(body)
	if err != nil {
		t.Fatalf("%v\n%s", err, f.Log())
	}
	return body, head, outcome
}

// message is the next event of a stream, and its id.
func message(t *testing.T, body *bufio.Reader) (id string, event catalog.Event) {
	t.Helper()
	for {
		line, err := body.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %q", err, line)
		}
		if value, ok := strings.CutPrefix(line, "id: "); ok {
			id = strings.TrimSpace(value)
		}
		if value, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(value), &event); err != nil {
				t.Fatalf("%v in %q", err, line)
			}
			return id, event
		}
	}
}

func TestTheCompiledFunctionStreamsEventsWhileTheyHappen(t *testing.T) {
	w := newWorld(t)
	f := start(t, "getEvents", on(w.table)...)
	e := w.event(t, "getEvents")
	e.SetQuery("after", "0")
	var page catalog.EventPage
	if err := json.Unmarshal([]byte(golden.ByHTTP(t, e.Request(t, w.laptop.URL)).Body), &page); err != nil || len(page.Events) < 3 {
		t.Fatalf("%v, %d events", err, len(page.Events))
	}
	body, head, outcome := stream(t, f, e, patience)
	if head.StatusCode != http.StatusOK || head.MultiValueHeaders["Content-Type"][0] != "text/event-stream" ||
		head.MultiValueHeaders["Content-Length"] != nil || head.MultiValueHeaders["X-Request-Id"][0] != e.RequestID() {
		t.Fatalf("begins with %+v", head)
	}
	for _, want := range page.Events {
		if id, got := message(t, body); got != want || id != strconv.FormatInt(want.Data.Sequence, 10) {
			t.Fatalf("event %q is %v, not %v", id, got, want)
		}
	}
	// Whoever goes on after an id gets what comes after it.
	middle := page.Events[1]
	resumed := w.event(t, "getEvents")
	resumed.SetHeader("Last-Event-ID", strconv.FormatInt(middle.Data.Sequence, 10))
	rest, _, _ := stream(t, start(t, "getEvents", on(w.table)...), resumed, patience)
	if _, got := message(t, rest); got != page.Events[2] {
		t.Errorf("goes on after %v with %v", middle, got)
	}
	// What is written now comes while the function runs.
	change := w.event(t, "updateService")
	if a := golden.ByHTTP(t, change.Request(t, w.cloud.URL)); a.StatusCode != http.StatusOK {
		t.Fatalf("answers %d %s", a.StatusCode, a.Body)
	}
	if _, got := message(t, body); got.Data.Sequence != page.Next+1 {
		t.Errorf("after sequence %d comes %d", page.Next, got.Data.Sequence)
	}
	// With its project the stream ends, by itself and well.
	deletion := w.event(t, "deleteProject")
	deletion.Path = strings.TrimSuffix(e.Path, "/events")
	if a := golden.ByHTTP(t, deletion.Request(t, w.cloud.URL)); a.StatusCode != http.StatusNoContent {
		t.Fatalf("answers %d %s", a.StatusCode, a.Body)
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		t.Error(err)
	}
	if out, err := outcome(); err != nil || out.Failed || out.ContentType != golden.StreamedType {
		t.Errorf("ended with %+v, %v", out, err)
	}
}

func TestAStreamEndsBeforeTheFunctionsTimeIsUpAndTheFunctionGoesOn(t *testing.T) {
	w := newWorld(t)
	f := start(t, "getEvents", on(w.table)...)
	e := w.event(t, "getEvents")
	e.SetQuery("after", "0")
	const limit = 3 * time.Second
	began := time.Now()
	body, _, outcome := stream(t, f, e, limit)
	if _, err := io.Copy(io.Discard, body); err != nil {
		t.Error(err)
	}
	out, err := outcome()
	if took := time.Since(began); err != nil || out.Failed || took >= limit || took < limit/3 {
		t.Errorf("ended after %s with %v: %s", took, err, f.Log())
	}
	// The same function answers with JSON, waiting or not, and with errors.
	e.SetHeader("Accept", "application/json")
	if a := byFunction(t, f, e); a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Body, `{"events":[`) {
		t.Errorf("answers %d %s", a.StatusCode, a.Body)
	}
	e.SetHeader("Accept", "text/event-stream")
	e.SetHeader("Last-Event-ID", "1000")
	if a := byFunction(t, f, e); a.StatusCode != http.StatusBadRequest || !strings.Contains(a.Body, `"code":"bad_request"`) {
		t.Errorf("answers %d %s", a.StatusCode, a.Body)
	}
}
