package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"almanac/internal/catalog"
	"almanac/tests/lambda/runtimeapi"
)

// bus is EventBridge and SQS as far as the announcer calls them.
type bus struct {
	*httptest.Server
	mu      sync.Mutex
	arrived []catalog.Event
	letters []string
	before  func(target string) (status int) // is called first; 0 lets the call through
}

func newBus(t *testing.T) *bus {
	t.Helper()
	b := &bus{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := r.Header.Get("X-Amz-Target")
		var in struct {
			Entries     []struct{ Source, DetailType, Detail, EventBusName string }
			MessageBody string
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		b.mu.Lock()
		for _, e := range in.Entries {
			var event catalog.Event
			if err := json.Unmarshal([]byte(e.Detail), &event); err != nil || e.DetailType != event.Title() || e.Source != catalog.Source || e.EventBusName != "bus" {
				t.Errorf("sent %+v", e)
			}
			b.arrived = append(b.arrived, event)
		}
		if target == "AmazonSQS.SendMessage" {
			b.letters = append(b.letters, in.MessageBody)
		}
		before := b.before
		b.mu.Unlock()
		if before != nil {
			if status := before(target); status != 0 {
				w.WriteHeader(status)
				return
			}
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch target {
		case "AWSEvents.PutEvents":
			fmt.Fprintf(w, `{"FailedEntryCount":0,"Entries":[%s]}`, strings.TrimSuffix(strings.Repeat(`{"EventId":"e"},`, len(in.Entries)), ","))
		case "AmazonSQS.SendMessage":
			fmt.Fprint(w, `{"MessageId":"m"}`)
		default:
			t.Errorf("the announcer calls %q", target)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

func announcer(t *testing.T, b *bus) *runtimeapi.Function {
	t.Helper()
	return start(t, "announce", "ALMANAC_BUS=bus", "ALMANAC_DEAD_LETTERS="+b.URL+"/queue", "AWS_ENDPOINT_URL="+b.URL,
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
}

func goldenRecord(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../../events/announce.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const (
	allDone = `{"batchItemFailures":[]}`
	again   = `{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439091"}]}`
)

func TestTheAnnouncerKilledBetweenSendingAndAnsweringSendsAgain(t *testing.T) {
	b := newBus(t)
	f := announcer(t, b)
	sent := make(chan struct{})
	b.before = func(string) int {
		close(sent)
		if _, err := f.Signal(t.Context(), syscall.SIGKILL); err != nil {
			t.Error(err)
		}
		return 0
	}
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		// It gets no answer.
		_, _ = f.Invoke(ctx, goldenRecord(t), patience)
	}()
	<-sent
	b.mu.Lock()
	b.before = nil
	b.mu.Unlock()
	if out := invoke(t, announcer(t, b), goldenRecord(t)); string(out.Payload) != allDone {
		t.Errorf("the second one answers %s", out.Payload)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.arrived) != 2 || b.arrived[0] != b.arrived[1] || b.arrived[0].Title() != "Service Renamed" {
		t.Errorf("what arrived is %v", b.arrived)
	}
}

func TestTheAnnouncerAsksForWhatTheBusRefusedAgain(t *testing.T) {
	b := newBus(t)
	b.before = func(string) int { return http.StatusBadRequest }
	f := announcer(t, b)
	if out := invoke(t, f, goldenRecord(t)); string(out.Payload) != again {
		t.Errorf("the bus refuses, it answers %s", out.Payload)
	}
	b.before = nil
	if out := invoke(t, f, goldenRecord(t)); string(out.Payload) != allDone {
		t.Errorf("the bus takes it, it answers %s", out.Payload)
	}
}

func TestTheAnnouncerBuriesWhatItCannotRead(t *testing.T) {
	b := newBus(t)
	f := announcer(t, b)
	bad := []byte(strings.Replace(string(goldenRecord(t)), `"B": "`, `"B": "AAAA`, 1))
	if out := invoke(t, f, bad); string(out.Payload) != allDone || len(b.letters) != 1 || len(b.arrived) != 0 {
		t.Errorf("answers %s; %d letters, %d events", out.Payload, len(b.letters), len(b.arrived))
	}
	b.before = func(string) int { return http.StatusBadRequest }
	if out := invoke(t, f, bad); string(out.Payload) != again {
		t.Errorf("the queue refuses, it answers %s", out.Payload)
	}
}

func TestTheAnnouncerWithoutItsBusSaysSoAndEnds(t *testing.T) {
	f := start(t, "announce", "ALMANAC_DEAD_LETTERS=http://127.0.0.1:1/queue")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := f.Ready(ctx); err == nil || !strings.Contains(f.Log(), "ALMANAC_BUS") {
		t.Errorf("%v: %s", err, f.Log())
	}
}
