package deploy

import (
	"net/http"
	"strings"
	"testing"

	"almanac/tests/lambda/golden"
)

// A stream ends with its project. The emulator passes it on only then: here it
// shows what comes, in tests/lambda when.
func TestGetEventsStreamsThroughTheGateway(t *testing.T) {
	for {
		a := streamUntilDeleted(t)
		if a.StatusCode == http.StatusNotFound {
			continue // the project was gone before the stream began
		}
		if a.StatusCode != http.StatusOK || a.MultiValueHeaders["Content-Type"][0] != "text/event-stream" || a.MultiValueHeaders["X-Request-Id"] == nil {
			t.Fatalf("answers %d with %v", a.StatusCode, a.MultiValueHeaders)
		}
		if !strings.HasPrefix(a.Body, "id: 3\ndata: {") || !strings.Contains(a.Body, `"source":"almanac.catalog"`) {
			t.Errorf("streams %s", a.Body)
		}
		return
	}
}

func streamUntilDeleted(t *testing.T) golden.Answer {
	t.Helper()
	w := newWorld(t, "standard")
	e := w.event(t, "getEvents")
	if a := call(t, e.Request(t, stack.Address(e.Path))); a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Body, `{"events":[`) {
		t.Fatalf("answers %d %s to who wants JSON", a.StatusCode, a.Body)
	}
	e.SetHeader("Accept", "text/event-stream")
	e.SetHeader("Last-Event-ID", "2")
	stream := e.Request(t, stack.Address(e.Path))
	answered := make(chan golden.Answer)
	go func() { answered <- golden.ByHTTP(t, stream) }()
	for range 3 {
		reading := w.event(t, "getHistory")
		call(t, reading.Request(t, stack.Address(reading.Path)))
	}
	deletion := w.event(t, "deleteProject")
	deletion.Path = strings.TrimSuffix(e.Path, "/events")
	if a := call(t, deletion.Request(t, stack.Address(deletion.Path))); a.StatusCode != http.StatusNoContent {
		t.Fatalf("answers %d %s", a.StatusCode, a.Body)
	}
	return <-answered
}
