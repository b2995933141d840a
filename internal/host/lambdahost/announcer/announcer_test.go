package announcer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/catalog"
	"almanac/internal/host/lambdahost/eventbus"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/timeline"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"pgregory.net/rapid"
)

// stream is a store that keeps what the table's stream would bring.
type stream struct {
	store.Store
	records []events.DynamoDBEventRecord
}

func (s *stream) Transact(ctx context.Context, ops ...store.Op) error {
	if err := s.Store.Transact(ctx, ops...); err != nil {
		return err
	}
	for _, op := range ops {
		name := map[store.OpKind]events.DynamoDBOperationType{store.OpPut: events.DynamoDBOperationTypeInsert, store.OpDelete: events.DynamoDBOperationTypeRemove}[op.Kind]
		if name == "" || !strings.HasSuffix(op.Item.Partition, "#LOG") {
			continue // as the mapping's filter does
		}
		s.records = append(s.records, recordOf(name, op.Item))
	}
	for i := range s.records {
		s.records[i].Change.SequenceNumber = fmt.Sprintf("%021d", 100+i)
	}
	return nil
}

func recordOf(name events.DynamoDBOperationType, item store.Item) events.DynamoDBEventRecord {
	keys := map[string]events.DynamoDBAttributeValue{
		store.AttrPartition: events.NewStringAttribute(item.Partition), store.AttrSort: events.NewStringAttribute(item.Sort),
	}
	r := events.DynamoDBEventRecord{EventName: string(name), EventSourceArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/s"}
	r.Change.Keys = keys
	if name == events.DynamoDBOperationTypeInsert {
		r.Change.NewImage = map[string]events.DynamoDBAttributeValue{
			store.AttrVersion: events.NewNumberAttribute("0"), store.AttrBody: events.NewBinaryAttribute(item.Body),
		}
	}
	return r
}

// written is the stream of three projects in turns: 36 writes, some of them of
// several services, and the end of one project.
func written(t *testing.T) []events.DynamoDBEventRecord {
	t.Helper()
	disk, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	s := &stream{Store: disk}
	tl := timeline.New(s, time.Now)
	by := timeline.Actor{ID: "k-1", Name: "ci", Type: "API_KEY"}
	scopes := make([]timeline.Scope, 3)
	for i := range scopes {
		scopes[i] = timeline.Scope{Directory: "WORKSPACE#acme#PROJECTS", ID: fmt.Sprint("project-", i)}
		if _, err := tl.CreateScope(t.Context(), scopes[i], []byte(`{"name":"Shop"}`), by); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 33 {
		if _, err := tl.Commit(t.Context(), scopes[n%3], by, func(tx *timeline.Tx) (err error) {
			for part := range 1 + n%4 {
				slug := fmt.Sprintf("s%d-%d", n, part)
				_, made := tx.Create(slug, slug, []byte("{}"))
				err = errors.Join(err, made)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := tl.DeleteScope(t.Context(), scopes[0], by); err != nil {
		t.Fatal(err)
	}
	return s.records
}

func TestWritesToOtherScopesArePassedOver(t *testing.T) {
	disk, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	s := &stream{Store: disk}
	tl := timeline.New(s, time.Now)
	by := timeline.Actor{ID: "k-1", Name: "ci", Type: "API_KEY"}
	for _, directory := range []string{"NETWORKS", "PROJECTS", "INVENTORY"} {
		scope := timeline.Scope{Directory: "WORKSPACE#acme#" + directory, ID: "web"}
		_, err := tl.CreateScope(t.Context(), scope, []byte(`{"name":"Web"}`), by)
		if err == nil {
			_, err = tl.Commit(t.Context(), scope, by, func(tx *timeline.Tx) error {
				_, err := tx.Create("host/1", "web-01", []byte("{}"))
				return err
			})
		}
		if err == nil {
			err = tl.DeleteScope(t.Context(), scope, by)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b, q := &bus{verdict: always}, &queue{}
	if n := bring(t, b, q, s.records, 2); n != (len(s.records)+1)/2 {
		t.Errorf("%d invocations for %d records", n, len(s.records))
	}
	var told []string
	for _, e := range b.arrived {
		told = append(told, e.Title())
	}
	if want := "[Project Created Service Created Project Deleted]"; fmt.Sprint(told) != want || len(q.letters) > 0 {
		t.Errorf("told %v, not %s; dead letters %v", told, want, q.letters)
	}
}

// verdict is what happens to an entry, or by "killed" to the function.
type verdict string

const (
	taken   verdict = ""
	refused verdict = "refused"
	failed  verdict = "the whole call fails"
	lost    verdict = "the call is done, but its answer is lost"
	killed  verdict = "the function is killed after the call"
)

// bus is an event bus that goes by a script.
type bus struct {
	verdict func(types.PutEventsRequestEntry) verdict
	arrived []catalog.Event
	most    int // entries of one call
}

type end struct{}

func (b *bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	out := &eventbridge.PutEventsOutput{}
	verdicts := make([]verdict, len(in.Entries))
	for i, e := range in.Entries {
		verdicts[i] = b.verdict(e)
	}
	if slices.Contains(verdicts, failed) {
		return nil, errors.New("no answer")
	}
	b.most = max(b.most, len(in.Entries))
	for i, e := range in.Entries {
		if verdicts[i] == refused {
			out.FailedEntryCount++
			out.Entries = append(out.Entries, types.PutEventsResultEntry{ErrorCode: aws.String("ThrottlingException")})
			continue
		}
		var event catalog.Event
		if err := json.Unmarshal([]byte(*e.Detail), &event); err != nil || *e.DetailType != event.Title() || *e.Source != catalog.Source || *e.EventBusName != "almanac" {
			panic(fmt.Sprint(err, " in ", *e.Detail))
		}
		b.arrived = append(b.arrived, event)
		out.Entries = append(out.Entries, types.PutEventsResultEntry{EventId: aws.String("id")})
	}
	switch {
	case slices.Contains(verdicts, killed):
		panic(end{})
	case slices.Contains(verdicts, lost):
		return nil, errors.New("no answer")
	}
	return out, nil
}

// queue is a dead-letter queue.
type queue struct {
	letters []letter
	down    int // how many calls it still refuses
}

func (q *queue) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	if q.down > 0 {
		q.down--
		return nil, errors.New("no answer")
	}
	var l letter
	if err := json.Unmarshal([]byte(*in.MessageBody), &l); err != nil || *in.QueueUrl != "https://queue" || len(*in.MessageBody) > 256<<10 {
		return nil, fmt.Errorf("%d bytes to %s: %w", len(*in.MessageBody), *in.QueueUrl, err)
	}
	q.letters = append(q.letters, l)
	return &sqs.SendMessageOutput{}, nil
}

// bring does what Lambda does with a shard: batches in their order, again from
// the first that is named in the answer, or all of a batch where there is none.
// It gives up after so many invocations.
func bring(t rapid.TB, b *bus, q *queue, records []events.DynamoDBEventRecord, size int) (invocations int) {
	t.Helper()
	a := announcer{bus: eventbus.Bus{Client: b, Name: "almanac"}, deadLetters: q, queueURL: "https://queue", log: slog.New(slog.DiscardHandler)}
	for at := 0; at < len(records); invocations++ {
		if invocations > 500 {
			t.Fatalf("record %d of %d blocks the stream", at, len(records))
		}
		batch := records[at:min(at+size, len(records))]
		answer, ended := invoke(a, batch)
		if ended {
			continue
		}
		next := at + len(batch)
		for _, f := range answer.BatchItemFailures {
			i := slices.IndexFunc(batch, func(r events.DynamoDBEventRecord) bool { return r.Change.SequenceNumber == f.ItemIdentifier })
			if i < 0 {
				t.Fatalf("names the record %q, which it was not given", f.ItemIdentifier)
			}
			next = min(next, at+i)
		}
		at = next
	}
	return invocations
}

func invoke(a announcer, batch []events.DynamoDBEventRecord) (answer events.DynamoDBEventResponse, ended bool) {
	defer func() {
		if p := recover(); p != nil {
			if p != (end{}) {
				panic(p)
			}
			ended = true
		}
	}()
	answer, err := a.announce(context.Background(), events.DynamoDBEvent{Records: batch})
	if err != nil {
		panic(err)
	}
	return answer, false
}

// complete checks that every event of the records arrived, those of each
// project in their order: none before the one before it.
func complete(t rapid.TB, b *bus, records []events.DynamoDBEventRecord) {
	t.Helper()
	wanted := map[string][]string{}
	for _, r := range records {
		if r.EventName != "INSERT" {
			continue
		}
		body := r.Change.NewImage[store.AttrBody]
		if r.Change.NewImage == nil || body.DataType() != events.DataTypeBinary {
			continue // it is a dead letter
		}
		told, err := catalog.EventsOf(store.Item{
			Key:  store.Key{Partition: text(r.Change.Keys, store.AttrPartition), Sort: text(r.Change.Keys, store.AttrSort)},
			Body: body.Binary(),
		})
		if err != nil {
			continue // so is this
		}
		for _, e := range told {
			wanted[e.Data.Project] = append(wanted[e.Data.Project], e.ID)
		}
	}
	seen := map[string]int{}
	for _, e := range b.arrived {
		p := e.Data.Project
		i := slices.Index(wanted[p], e.ID)
		if i < 0 || i > seen[p] {
			t.Fatalf("%s: %d/%d arrived as number %d, after %d others", p, e.Data.Sequence, e.Data.Part, i, seen[p])
		}
		seen[p] = max(seen[p], i+1)
	}
	for p, ids := range wanted {
		if seen[p] != len(ids) {
			t.Fatalf("%d of %d events of %s arrived", seen[p], len(ids), p)
		}
	}
}

func always(types.PutEventsRequestEntry) verdict { return taken }

func TestEveryWriteIsAnnouncedOnceWhereNothingFails(t *testing.T) {
	records := written(t)
	b, q := &bus{verdict: always}, &queue{}
	if n := bring(t, b, q, records, 100); n != (len(records)+99)/100 {
		t.Errorf("%d invocations", n)
	}
	complete(t, b, records)
	ids := map[string]bool{}
	for _, e := range b.arrived {
		ids[e.ID] = true
	}
	if len(ids) != len(b.arrived) || len(q.letters) > 0 || b.most != 3 {
		t.Errorf("%d events with %d ids, up to %d at once; %v", len(b.arrived), len(ids), b.most, q.letters)
	}
}

func TestWhateverHappensToACallNothingIsLostNorOutOfOrder(t *testing.T) {
	records := written(t)
	for _, v := range []verdict{refused, failed, lost, killed} {
		t.Run(string(v), func(t *testing.T) {
			// Each of the calls in turn, once.
			for call := 1; ; call++ {
				n := 0
				b := &bus{verdict: func(types.PutEventsRequestEntry) verdict {
					if n++; n == call {
						return v
					}
					return taken
				}}
				bring(t, b, &queue{}, records, 10)
				complete(t, b, records)
				if n < call {
					return
				}
			}
		})
	}
}

func TestManyFaultsAtOnceLoseNothing(t *testing.T) {
	records := written(t)
	rapid.Check(t, func(t *rapid.T) {
		faults := rapid.SliceOfN(rapid.SampledFrom([]verdict{taken, taken, refused, failed, lost, killed}), 0, 120).Draw(t, "faults")
		b := &bus{verdict: func(types.PutEventsRequestEntry) verdict {
			if len(faults) == 0 {
				return taken
			}
			v := faults[0]
			faults = faults[1:]
			return v
		}}
		bring(t, b, &queue{}, records, rapid.IntRange(1, 50).Draw(t, "batch"))
		complete(t, b, records)
	})
}

func TestAProjectThatTheBusRefusesDoesNotHoldUpTheOthers(t *testing.T) {
	records := written(t)
	b := &bus{verdict: func(e types.PutEventsRequestEntry) verdict {
		if strings.Contains(*e.Detail, `"project":"project-1"`) {
			return refused
		}
		return taken
	}}
	a := announcer{bus: eventbus.Bus{Client: b, Name: "almanac"}, deadLetters: &queue{}, queueURL: "https://queue", log: slog.New(slog.DiscardHandler)}
	answer, _ := invoke(a, records)
	others := slices.DeleteFunc(slices.Clone(records), func(r events.DynamoDBEventRecord) bool {
		return strings.Contains(text(r.Change.Keys, store.AttrPartition), "project-1")
	})
	complete(t, b, others)
	if want := 12; len(answer.BatchItemFailures) != want {
		t.Errorf("%d records are to come again, not %d", len(answer.BatchItemFailures), want)
	}
}

// poison are records that will never be readable.
func poison(t *testing.T) map[string]events.DynamoDBEventRecord {
	t.Helper()
	log := store.Key{Partition: "S#WORKSPACE%23acme%23PROJECTS#project-1#LOG", Sort: "000000000007"}
	huge := store.Item{Key: log, Body: append([]byte("no JSON\n"), bytes.Repeat([]byte("x"), 390<<10)...)}
	bare := recordOf(events.DynamoDBOperationTypeInsert, store.Item{Key: log})
	bare.Change.NewImage = nil
	text := recordOf(events.DynamoDBOperationTypeInsert, store.Item{Key: log})
	text.Change.NewImage[store.AttrBody] = events.NewStringAttribute("{}")
	of := func(body string) events.DynamoDBEventRecord {
		return recordOf(events.DynamoDBOperationTypeInsert, store.Item{Key: log, Body: []byte(body)})
	}
	return map[string]events.DynamoDBEventRecord{
		"no body": bare, "a body that is text": text,
		"an empty body": of(""), "no JSON": of("{\n"), "another schema": of(`{"revision":7}` + "\n"),
		"a sequence that is text": of(`{"r":"7","t":"UPDATE"}` + "\n{}"),
		"a huge body":             recordOf(events.DynamoDBOperationTypeInsert, huge),
	}
}

func TestWhatCannotBeReadBecomesADeadLetterAndTheRestGoesOn(t *testing.T) {
	for name, bad := range poison(t) {
		t.Run(name, func(t *testing.T) {
			records := slices.Insert(written(t), 17, bad)
			for i := range records {
				records[i].Change.SequenceNumber = fmt.Sprint(1000 + i)
			}
			b, q := &bus{verdict: always}, &queue{down: 3}
			if n := bring(t, b, q, records, 10); n > (len(records)+9)/10+4 {
				t.Errorf("%d invocations", n)
			}
			complete(t, b, records)
			if len(q.letters) != 1 || q.letters[0].Record != "1017" || q.letters[0].Reason == "" || q.letters[0].Sort != "000000000007" {
				t.Errorf("the dead letters are %v", q.letters)
			}
		})
	}
}

func TestWhatIsNoNewsIsNotAnnounced(t *testing.T) {
	log := store.Key{Partition: "S#WORKSPACE%23acme%23PROJECTS#p#LOG", Sort: "000000000001"}
	past := store.Key{Partition: "S#WORKSPACE%23acme%23PROJECTS#p#KEY#a#LOG", Sort: "V#000000000001"}
	records := []events.DynamoDBEventRecord{
		recordOf(events.DynamoDBOperationTypeRemove, store.Item{Key: log}),
		recordOf(events.DynamoDBOperationTypeModify, store.Item{Key: log}),
		recordOf(events.DynamoDBOperationTypeInsert, store.Item{Key: past, Body: []byte("{}\n")}),
	}
	b, q := &bus{verdict: always}, &queue{}
	bring(t, b, q, records, 10)
	if len(b.arrived) > 0 || len(q.letters) > 0 {
		t.Errorf("announced %v, buried %v", b.arrived, q.letters)
	}
}

func TestWhenTimeRunsOutTheRestComesAgain(t *testing.T) {
	records := written(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Minute))
	defer cancel()
	b := &late{bus{verdict: always}}
	a := announcer{bus: eventbus.Bus{Client: b, Name: "almanac"}, deadLetters: &queue{}, queueURL: "https://queue", log: slog.New(slog.DiscardHandler)}
	answer, err := a.announce(ctx, events.DynamoDBEvent{Records: records[:20]})
	if err != nil || len(answer.BatchItemFailures) != 20 || len(b.arrived) > 0 {
		t.Errorf("%v: %v", err, answer)
	}
}

// late is a bus that gives up with its caller, as the real client does.
type late struct{ bus }

func (b *late) PutEvents(ctx context.Context, in *eventbridge.PutEventsInput, o ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return b.bus.PutEvents(ctx, in, o...)
}

func TestTheGoldenRecordIsAnnounced(t *testing.T) {
	data, err := os.ReadFile("../../../../events/announce.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.DynamoDBEvent
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatal(err)
	}
	b, q := &bus{verdict: always}, &queue{}
	bring(t, b, q, event.Records, 10)
	if len(b.arrived) != 1 || len(q.letters) > 0 {
		t.Fatalf("announced %v, buried %v", b.arrived, q.letters)
	}
	e := b.arrived[0]
	if e.Title() != "Service Renamed" || e.Data.Sequence != 7 || e.Data.Links.Before != "/v1/projects/eshop-sample/services/ordering-api?at=2026-01-07T13:59:59.999Z" {
		t.Errorf("announced %+v", e)
	}
}
