package announcer

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"almanac/internal/host/lambdahost/eventbus"
)

// reserve is what is left of an invocation's time when sending ends, so that
// what was sent is still reported as such.
const reserve = 2 * time.Second

// announcer sends the events of each write to the bus. A write is announced at
// least once: what was not sent is reported, and the stream brings it again.
// Events of one project are sent one after the other, in their order, and none
// before the one before it was taken.
type announcer struct {
	bus         eventbus.Bus
	deadLetters interface {
		SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	}
	queueURL string
	log      *slog.Logger
}

// project is what is left to be sent of one project.
type project struct {
	entries []entry
	stopped bool // the bus did not take the first of them
}

type entry struct {
	eventbus.Entry
	record string // the stream's sequence number of its record
}

// announce never fails: what it could not do is in its answer. Lambda begins
// again at the first record that is named there, so some that come after it,
// of other projects, are sent twice.
func (a announcer) announce(ctx context.Context, event events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
	}
	projects, failed := a.sort(ctx, event.Records)
	for a.send(ctx, projects) {
	}
	for _, p := range projects {
		for _, e := range p.entries {
			failed = append(failed, e.record)
		}
	}
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, r := range event.Records {
		if slices.Contains(failed, r.Change.SequenceNumber) {
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return answer, nil
}

// sort makes entries of the records, by project. What cannot be read now never
// can: it becomes a dead letter, and the records after it go on. Failed are
// those that could not even become that.
func (a announcer) sort(ctx context.Context, records []events.DynamoDBEventRecord) (projects []*project, failed []string) {
	of := map[string]*project{} // by partition
	for _, r := range records {
		partition, entries, err := a.read(r)
		if err != nil {
			if err := a.bury(ctx, r, err); err != nil {
				a.log.ErrorContext(ctx, "dead letter", "record", r.Change.SequenceNumber, "error", err.Error())
				failed = append(failed, r.Change.SequenceNumber)
			}
			continue
		}
		if len(entries) == 0 {
			continue
		}
		if of[partition] == nil {
			of[partition] = &project{}
			projects = append(projects, of[partition])
		}
		of[partition].entries = append(of[partition].entries, entries...)
	}
	return projects, failed
}

// send sends the next entry of as many projects as one call takes, and tells
// whether there was any.
func (a announcer) send(ctx context.Context, projects []*project) bool {
	var entries []eventbus.Entry
	var of []*project
	bytes := 0
	for _, p := range projects {
		if p.stopped || len(p.entries) == 0 {
			continue
		}
		next := p.entries[0].Entry
		bytes += next.Bytes
		if len(of) == eventbus.MaxEntries || bytes > eventbus.MaxBytes {
			break
		}
		of, entries = append(of, p), append(entries, next)
	}
	if len(of) == 0 {
		return false
	}
	for i, refusal := range a.bus.Put(ctx, entries) {
		p := of[i]
		if refusal == nil {
			p.entries = p.entries[1:]
			continue
		}
		p.stopped = true
		a.log.ErrorContext(ctx, "announce", "record", p.entries[0].record, "error", refusal.Error())
	}
	return true
}
