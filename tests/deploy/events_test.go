package deploy

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/store"
	"almanac/tests/deploy/emulated"
)

// patience is how long a write may take to its listeners.
const patience = time.Minute

// listen gives the URL of a queue of a name that gets all events of the bus.
func listen(t *testing.T, name string) (queue string) {
	t.Helper()
	const bus = "Almanac"
	ask := func(service, target string, in map[string]any, out any) {
		t.Helper()
		if err := stack.Target(t.Context(), service, target, in, out); err != nil {
			t.Fatal(err)
		}
	}
	var made struct{ QueueUrl string }
	ask("sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": name}, &made)
	ask("events", "AWSEvents.PutRule", map[string]any{"Name": name, "EventBusName": bus, "EventPattern": `{"source":["almanac.catalog"]}`}, nil)
	ask("events", "AWSEvents.PutTargets", map[string]any{"Rule": name, "EventBusName": bus, "Targets": []map[string]string{
		{"Id": name, "Arn": fmt.Sprintf("arn:aws:sqs:%s:%s:%s", emulated.Region, emulated.Account, name)},
	}}, nil)
	return made.QueueUrl
}

// receive gives messages of a queue until the receiver has enough.
func receive(t *testing.T, queue string, enough func(body string) bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		var got struct {
			Messages []struct{ Body, ReceiptHandle string }
		}
		if err := stack.Target(t.Context(), "sqs", "AmazonSQS.ReceiveMessage", map[string]any{
			"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 2,
		}, &got); err != nil {
			t.Fatal(err)
		}
		for _, m := range got.Messages {
			if err := stack.Target(t.Context(), "sqs", "AmazonSQS.DeleteMessage", map[string]any{
				"QueueUrl": queue, "ReceiptHandle": m.ReceiptHandle,
			}, nil); err != nil {
				t.Fatal(err)
			}
			if enough(m.Body) {
				return
			}
		}
	}
	t.Fatal("not enough messages came")
}

func TestEveryWriteReachesTheBusAsTheEndpointTellsIt(t *testing.T) {
	queue := listen(t, "listener")
	w := newWorld(t, "standard")
	e := w.event(t, "updateService")
	if a := call(t, e.Request(t, stack.Address(e.Path))); a.StatusCode != 200 {
		t.Fatalf("answers %d %s", a.StatusCode, a.Body)
	}
	e = w.event(t, "getEvents")
	e.SetQuery("after", "0")
	told := call(t, e.Request(t, stack.Address(e.Path)))
	var page struct{ Events []catalog.Event }
	if err := json.Unmarshal([]byte(told.Body), &page); err != nil || len(page.Events) == 0 {
		t.Fatalf("%v in %s", err, told.Body)
	}
	first := page.Events[0].Data
	var got []catalog.Event
	receive(t, queue, func(body string) bool {
		var m struct {
			Source     string          `json:"source"`
			DetailType string          `json:"detail-type"`
			Detail     json.RawMessage `json:"detail"`
		}
		var event catalog.Event
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(m.Detail, &event); err != nil || m.DetailType != event.Title() || m.Source != catalog.Source {
			t.Fatalf("%v in %s", err, body)
		}
		if event.Data.Workspace == first.Workspace && event.Data.Project == first.Project && !slices.Contains(got, event) {
			got = append(got, event)
		}
		return len(got) == len(page.Events)
	})
	// A queue may hand them out in any order.
	slices.SortFunc(got, func(a, b catalog.Event) int { return int(a.Data.Sequence - b.Data.Sequence) })
	if !slices.Equal(got, page.Events) {
		t.Errorf("the bus tells\n%v\nthe endpoint\n%v", got, page.Events)
	}
}

func TestAWriteThatCannotBeReadBecomesADeadLetter(t *testing.T) {
	bad := store.Item{Key: store.Key{Partition: "S#WORKSPACE%23poison%23PROJECTS#p#LOG", Sort: "000000000001"}, Body: []byte("no record")}
	if err := stack.Table().Transact(t.Context(), store.Put(bad, store.Condition{})); err != nil {
		t.Fatal(err)
	}
	receive(t, stack.Outputs["DeadLettersUrl"], func(body string) bool {
		var letter struct {
			Reason, Record, PK, SK string
			B                      []byte
		}
		if err := json.Unmarshal([]byte(body), &letter); err != nil {
			t.Fatal(err)
		}
		return letter.PK == bad.Partition && letter.SK == bad.Sort && string(letter.B) == "no record" && letter.Reason != ""
	})
}

// TestTheEmulatorItselfReadsStreamsAndWritesLogs shows of which grants nothing
// is known here but what the template says.
func TestTheEmulatorItselfReadsStreamsAndWritesLogs(t *testing.T) {
	queue := listen(t, "unasked")
	role := roleOf(t, api.Announcer)
	whole := policyOf(t, role)
	defer setPolicy(t, role, whole)
	without := func(drop func(action string) bool) policy {
		return policy{whole.Version, slices.DeleteFunc(slices.Clone(whole.Statement), func(s statement) bool { return drop(s.Action[0]) })}
	}
	setPolicy(t, role, without(byItself))
	began := time.Now()
	w := newWorld(t, "standard")
	e := w.event(t, "updateService")
	if a := call(t, e.Request(t, stack.Address(e.Path))); a.StatusCode != http.StatusOK {
		t.Fatalf("answers %d %s", a.StatusCode, a.Body)
	}
	receive(t, queue, func(body string) bool { return strings.Contains(body, fmt.Sprintf(`"world-%d"`, worlds)) })
	setPolicy(t, role, without(func(action string) bool { return byItself(action) || action == "events:PutEvents" }))
	// The emulator may read what a function says only when that is asked again.
	for end := time.Now().Add(patience); ; {
		if announces(t, nil) {
			t.Fatal("it announces without the grant")
		}
		lines := logged(t, `{ $.operation = "announce" }`, began)
		if strings.Contains(lines, "AccessDenied") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the log says %q", lines)
		}
	}
}
