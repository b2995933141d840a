package maintainer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/storetest"
	"almanac/internal/timeline"

	"github.com/aws/aws-lambda-go/events"
)

var ann = timeline.Actor{ID: "m-1", Name: "Ann", Type: "MEMBER"}

// world is a table and the function that maintains it.
type world struct {
	*testing.T
	*timeline.Timeline // of those who write
	ledger             *storetest.Ledger
	faulty             *storetest.Faulty // what the function sees
	function           maintainer
	clock              time.Time
	logged             bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	disk, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { disk.Close() })
	w := &world{T: t, ledger: storetest.NewLedger(disk), clock: time.UnixMilli(1000)}
	now := func() time.Time { return w.clock }
	w.faulty = storetest.NewFaulty(w.ledger)
	w.Timeline = timeline.New(w.ledger, now)
	w.function = maintainer{timeline.New(w.faulty, now), now, slog.New(slog.NewTextHandler(&w.logged, nil))}
	return w
}

// scope is one of many, in several directories.
func scope(n int) timeline.Scope {
	kind := []string{"PROJECTS", "NETWORKS", "INVENTORY"}[n%3]
	return timeline.Scope{Directory: "WORKSPACE#acme#" + kind, ID: fmt.Sprintf("scope-%d", n)}
}

// deleted makes a scope and deletes it again.
func (w *world) deleted(s timeline.Scope) {
	w.Helper()
	w.made(s)
	if err := w.DeleteScope(w.Context(), s, ann); err != nil {
		w.Fatal(err)
	}
}

func (w *world) made(s timeline.Scope) {
	w.Helper()
	_, err := w.CreateScope(w.Context(), s, nil, ann)
	for i := 0; err == nil && i < 20; i++ {
		_, err = w.Commit(w.Context(), s, ann, func(tx *timeline.Tx) error {
			_, err := tx.Create(fmt.Sprint(i), "A", nil)
			return err
		})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// told is a record of the stream about an item of a scope's log.
func told(s timeline.Scope, sequence string) events.DynamoDBEventRecord {
	partition := "S#" + strings.ReplaceAll(s.Directory, "#", "%23") + "#" + s.ID + "#LOG"
	return events.DynamoDBEventRecord{EventName: "INSERT", Change: events.DynamoDBStreamRecord{
		SequenceNumber: sequence,
		Keys: map[string]events.DynamoDBAttributeValue{
			store.AttrPartition: events.NewStringAttribute(partition), store.AttrSort: events.NewStringAttribute("000000000001"),
		},
	}}
}

// bring invokes the function and gives the records that it asks for again.
func (w *world) bring(ctx context.Context, records ...events.DynamoDBEventRecord) (again []string) {
	w.Helper()
	answer, err := w.function.maintain(ctx, events.DynamoDBEvent{Records: records})
	if err != nil {
		w.Fatal(err)
	}
	for _, f := range answer.BatchItemFailures {
		again = append(again, f.ItemIdentifier)
	}
	return again
}

func (w *world) left() int {
	w.Helper()
	items, err := w.ledger.Left(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return len(items)
}

func TestTheScopesOfABatchAreMaintained(t *testing.T) {
	w := newWorld(t)
	var records []events.DynamoDBEventRecord
	for n := range 12 {
		w.deleted(scope(n))
		for i := range 3 {
			records = append(records, told(scope(n), fmt.Sprint(100*n+i)))
		}
	}
	if again := w.bring(t.Context(), records...); len(again) > 0 || w.left() > 0 {
		t.Errorf("%d items are left, asks for %v: %s", w.left(), again, &w.logged)
	}
	for n := range 3 {
		w.made(scope(n))
		before := w.left()
		if again := w.bring(t.Context(), told(scope(n), "1")); len(again) > 0 || w.left() <= before {
			t.Errorf("of %v %d items were there, %d are, asks for %v: %s", scope(n), before, w.left(), again, &w.logged)
		}
	}
}

func TestAScopeIsMaintainedOnceABatch(t *testing.T) {
	w := newWorld(t)
	calls := func(records int) int {
		w.faulty.Reset()
		var batch []events.DynamoDBEventRecord
		for i := range records {
			batch = append(batch, told(scope(1), fmt.Sprint(i)))
		}
		w.bring(t.Context(), batch...)
		return w.faulty.Calls()
	}
	if one, many := calls(1), calls(1000); one != many {
		t.Errorf("a record costs %d calls, a thousand %d", one, many)
	}
}

func TestTheRecordsOfAScopeThatFailedComeAgain(t *testing.T) {
	w := newWorld(t)
	w.deleted(scope(1))
	w.deleted(scope(2))
	for n := 1; w.left() > 0; n++ {
		w.faulty.Reset()
		w.faulty.FailCall(n, storetest.Fault{Kind: store.Throttled})
		again := w.bring(t.Context(), told(scope(1), "10"), told(scope(2), "20"), told(scope(1), "11"))
		switch got := strings.Join(again, " "); {
		case n == 1 && got == "": // the list of what is overdue is for others
		case n > 1 && (got == "10 11" || got == "20"):
		case w.left() == 0 && got == "":
		default:
			t.Fatalf("call %d fails, asks for %q: %s", n, got, &w.logged)
		}
		if n > 1000 {
			t.Fatalf("%d items are left", w.left())
		}
	}
}

func TestWhatWasNotDoneInTimeComesAgainAndGoesOn(t *testing.T) {
	w := newWorld(t)
	w.deleted(scope(1))
	w.faulty.FailCall(4, storetest.Fault{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if again := w.bring(ctx, told(scope(1), "1")); len(again) != 1 || ctx.Err() != nil {
		t.Errorf("asks for %v, and its time: %v", again, ctx.Err())
	}
	if again := w.bring(t.Context(), told(scope(1), "1")); len(again) > 0 || w.left() > 0 {
		t.Errorf("%d items are left, asks for %v: %s", w.left(), again, &w.logged)
	}
}

func TestWhatIsOverdueIsMaintainedBesideAnyBatch(t *testing.T) {
	w := newWorld(t)
	w.deleted(scope(1))
	if _, err := w.Draft(t.Context(), scope(2), nil, ann, []timeline.Document{{Key: "a", Name: "A"}}); err != nil {
		t.Fatal(err)
	}
	w.bring(t.Context(), told(scope(3), "1"))
	hidden, err := w.Pending(t.Context())
	if err != nil || len(hidden) != 2 {
		t.Fatalf("what others have under way was removed: %v, %v", hidden, err)
	}
	w.clock = w.clock.Add(10 * time.Minute)
	w.bring(t.Context(), told(scope(3), "1"))
	if hidden, err := w.Pending(t.Context()); err != nil || len(hidden) != 1 || hidden[0].Scope != scope(1) {
		t.Errorf("after the lease of the draft %v are left, %v", hidden, err)
	}
	w.clock = w.clock.Add(2 * time.Hour)
	whole := w.function.timeline
	w.function.timeline = timeline.New(without{w.faulty, "scope-1"}, w.function.now)
	if again := w.bring(t.Context(), told(scope(3), "1")); len(again) > 0 || w.logged.Len() == 0 {
		t.Errorf("that it failed is told of a record that has nothing to do with it, %v: %s", again, &w.logged)
	}
	w.function.timeline = whole
	w.bring(t.Context(), told(scope(3), "1"))
	if w.left() > 0 {
		t.Errorf("%d items are left: %s", w.left(), &w.logged)
	}
}

// without is a store that does not answer for the partitions of one scope.
type without struct {
	store.Store
	id string
}

func (s without) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	if strings.Contains(q.Partition, s.id) {
		return nil, &store.Error{Kind: store.Throttled, Op: -1}
	}
	return s.Store.Range(ctx, q)
}

func TestWhatIsNoLogIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	bare, number := told(scope(1), "1"), told(scope(1), "2")
	bare.Change.Keys = nil
	number.Change.Keys[store.AttrPartition] = events.NewNumberAttribute("7")
	other := told(scope(1), "3")
	other.Change.Keys[store.AttrPartition] = events.NewStringAttribute("S#a#b")
	if again := w.bring(t.Context(), bare, number, other); len(again) > 0 || w.faulty.Calls() != 1 {
		t.Errorf("asks for %v after %d calls", again, w.faulty.Calls())
	}
}

func TestTheGoldenRecordIsOfTheLog(t *testing.T) {
	data, err := os.ReadFile("../../../../events/maintain.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.DynamoDBEvent
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	shop := timeline.Scope{Directory: "WORKSPACE#local#PROJECTS", ID: "eshop-sample"}
	w.deleted(shop)
	if again := w.bring(t.Context(), event.Records...); len(again) > 0 || w.left() > 0 {
		t.Errorf("%d items are left, asks for %v: %s", w.left(), again, &w.logged)
	}
}
