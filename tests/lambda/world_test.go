package lambda

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http/httptest"
	"strconv"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/dynamo"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/tenant"
	"almanac/tests/lambda/golden"
	"almanac/tests/lambda/runtimeapi"
)

// world is one history held twice: in a table, for functions, and in a file,
// for the laptop. Every item is the same to the byte, its random ids too.
type world struct {
	table  dynamo.Config
	both   *golden.Both
	laptop *httptest.Server // over the file
	cloud  *httptest.Server // the laptop's program over the table, to look into it
	key    string
	names  golden.Names   // what the golden events mean
	caller map[string]any // what the authorizer said of the key
}

func newWorld(t *testing.T) *world {
	t.Helper()
	file, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	w := &world{table: dynamotest.Config(t), key: tenant.NewSecret()}
	table := dynamo.Open(w.table)
	w.both = &golden.Both{Store: file, Second: table, Live: map[store.Key]store.Item{}}
	w.names = golden.Seed(t, w.both, "local", w.key)
	w.laptop, w.cloud = golden.Laptop(t, file), golden.Laptop(t, table)
	w.caller = w.ask(t)
	return w
}

// ask gives the world's key to the compiled authorizer and returns what the
// gateway would pass on.
func (w *world) ask(t *testing.T) map[string]any {
	t.Helper()
	f := start(t, "authorizer", on(w.table)...)
	defer f.Stop()
	out := invoke(t, f, authorizerEvent(t, "Bearer "+w.key))
	var verdict struct {
		PrincipalID string
		Context     map[string]any
	}
	if err := json.Unmarshal(out.Payload, &verdict); err != nil || out.Failed {
		t.Fatalf("the authorizer answered %s", out.Payload)
	}
	caller := map[string]any{"principalId": verdict.PrincipalID, "integrationLatency": 12}
	maps.Copy(caller, verdict.Context)
	return caller
}

// event is an endpoint's golden event with the world's key and ids.
func (w *world) event(t *testing.T, operation string) golden.Event {
	t.Helper()
	e := golden.Read(t, operation)
	if e.NeedsKey() {
		e.SetHeader("Authorization", "Bearer "+w.key)
		e.RequestContext["authorizer"] = w.caller
	}
	e.Name(w.names)
	return e
}

func invoke(t *testing.T, f *runtimeapi.Function, payload []byte) runtimeapi.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := f.Invoke(ctx, payload, patience)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// byFunction is a function's answer to an event.
func byFunction(t *testing.T, f *runtimeapi.Function, e golden.Event) golden.Answer {
	t.Helper()
	out := invoke(t, f, e.Bytes(t))
	var a golden.Answer
	var err error
	if out.ContentType == golden.StreamedType {
		sent := bufio.NewReader(bytes.NewReader(out.Payload))
		if a, err = golden.Metadata(sent); err == nil {
			body, _ := io.ReadAll(sent)
			a.Body = string(body)
			// The gateway sends it in chunks, the laptop whole.
			a.MultiValueHeaders["Content-Length"] = []string{strconv.Itoa(len(body))}
		}
	} else {
		err = json.Unmarshal(out.Payload, &a)
	}
	if err != nil || out.Failed {
		t.Fatalf("the function failed: %s\n%s", out.Payload, f.Log())
	}
	if a.Headers != nil || a.IsBase64Encoded {
		t.Fatalf("unlike every answer of ours: %s", out.Payload)
	}
	return a
}
