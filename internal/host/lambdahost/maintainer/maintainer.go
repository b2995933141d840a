package maintainer

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

const (
	// part of an invocation's time is for the work; the rest is to tell what
	// was not done of it, and keeps the alarm of slow functions quiet.
	part = 0.7
	// atOnce is how many scopes are maintained at a time, so that a large one
	// keeps none waiting. One may take a list of all its documents in memory.
	atOnce = 4
)

type maintainer struct {
	timeline *timeline.Timeline
	now      func() time.Time
	log      *slog.Logger
}

// maintain does what the scopes of a batch need. It never fails: the records of
// a scope that could not be finished are in its answer, and the stream brings
// them again. Hidden scopes that are overdue are maintained beside them: nobody
// wrote a log of a draft whose writer died, and the stream may have given up on
// a delete. They wait for a write to any scope, and nobody sees them meanwhile.
func (m maintainer) maintain(ctx context.Context, event events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(part*float64(left)))
		defer cancel()
	}
	records := map[timeline.Scope][]string{}
	for _, r := range event.Records {
		key := store.Key{Partition: text(r.Change.Keys, store.AttrPartition), Sort: text(r.Change.Keys, store.AttrSort)}
		if scope, ok := timeline.LogOf(key); ok {
			records[scope] = append(records[scope], r.Change.SequenceNumber)
		}
	}
	hidden, err := m.timeline.Pending(ctx)
	if err != nil {
		m.log.ErrorContext(ctx, "pending", "error", err.Error())
	}
	for _, h := range hidden {
		if h.Overdue <= timeline.InstantOf(m.now()) && records[h.Scope] == nil {
			records[h.Scope] = []string{}
		}
	}

	failed := map[string]bool{}
	var mu sync.Mutex
	var working sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for scope, own := range records {
		free <- struct{}{}
		working.Go(func() {
			defer func() { <-free }()
			if err := m.timeline.Maintain(ctx, scope); err != nil {
				m.log.ErrorContext(ctx, "maintain", "directory", scope.Directory, "scope", scope.ID, "error", err.Error())
				mu.Lock()
				defer mu.Unlock()
				for _, record := range own {
					failed[record] = true
				}
			}
		})
	}
	working.Wait()
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, r := range event.Records {
		if failed[r.Change.SequenceNumber] {
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return answer, nil
}

func text(attributes map[string]events.DynamoDBAttributeValue, name string) string {
	if v, ok := attributes[name]; ok && v.DataType() == events.DataTypeString {
		return v.String()
	}
	return ""
}
