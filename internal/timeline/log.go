package timeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"almanac/internal/store"
)

// Record is a commit as the log tells of it. The log is the outbox: its item is
// written with the commit or not at all, once, and never changed.
type Record struct {
	Scope    Scope
	Revision int64 // of the scope's head: 1, 2, 3 … without a gap
	At       Instant
	By       Actor
	Commit   string     // a random text
	Change   ChangeType // of the scope itself; empty where only documents changed
	Body     []byte     // the scope's own facts, with a Change
	Events   []Event    // in the order in which they were made
}

// logPage is how many commits are read at once.
const logPage = 100

// NotYetError is for a revision that no commit has yet.
type NotYetError struct{ Last int64 } // the newest revision

func (e *NotYetError) Error() string {
	return fmt.Sprintf("timeline: the newest revision is %d", e.Last)
}

// Records gives the commits after a revision, 0 being before the first, oldest
// first; those that are written meanwhile are not among them. Where there are
// none it costs one read. It ends after the first error: ErrNoSuchScope; a
// *NotYetError; the store's.
func (t *Timeline) Records(ctx context.Context, scope Scope, after int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		head, err := t.Head(ctx, scope)
		if err != nil {
			yield(Record{}, err)
			return
		}
		if after > head.Revision {
			yield(Record{}, &NotYetError{head.Revision})
			return
		}
		end := logBound(head.Sequence, head.Revision+1)
		for from := ""; after < head.Revision; {
			var items []store.Item
			if left := head.Revision - after; left <= logPage {
				items, err = t.store.Range(ctx, store.Query{
					Partition: scope.logPartition(), To: end, Reverse: true, Limit: int(left),
				})
				slices.Reverse(items)
			} else {
				if from == "" {
					from, err = t.logAfter(ctx, scope, head, after)
				}
				if err == nil {
					items, err = t.store.Range(ctx, store.Query{
						Partition: scope.logPartition(), From: from, To: end, Limit: logPage,
					})
				}
			}
			if err != nil {
				yield(Record{}, scope.failed("read the log of", err))
				return
			}
			if len(items) == 0 {
				yield(Record{}, t.gap(ctx, scope, "revision", after+1))
				return
			}
			for _, item := range items {
				r, err := ReadRecord(item)
				if err == nil && r.Revision != after+1 {
					err = t.gap(ctx, scope, "revision", after+1)
				}
				if !yield(r, err) || err != nil {
					return
				}
				after, from = r.Revision, item.Sort+"!"
			}
		}
	}
}

// logAfter finds where the commits after a revision begin, by bisection:
// revisions and the numbers of events grow together.
func (t *Timeline) logAfter(ctx context.Context, scope Scope, head Head, revision int64) (string, error) {
	low, high := int64(0), head.Sequence // event low was made by the revision or before, event high+1 was not
	for low < high {
		middle := low + (high-low+1)/2
		log, last, err := t.commitOf(ctx, scope, middle)
		if err != nil {
			return "", err
		}
		if log.Revision <= revision {
			low = last
		} else {
			high = last - int64(len(log.Events))
		}
	}
	return logBound(low, revision+1), nil
}

// ReadRecord reads an item of a log; LogOf tells which are. Its error is the
// store's, of kind Damaged.
func ReadRecord(item store.Item) (Record, error) {
	scope, ok := logScope(item.Partition)
	if !ok {
		return Record{}, damaged(item, errors.New("no item of a log"))
	}
	log, body, last, err := decodeLog(item)
	if err != nil {
		return Record{}, err
	}
	if log.Revision < 1 || log.Change == "" && len(log.Events) == 0 {
		return Record{}, damaged(item, errors.New("it tells of no commit"))
	}
	r := Record{
		Scope: scope, Revision: log.Revision, At: Instant(log.At), By: log.By,
		Commit: log.Commit, Change: log.Change, Body: body,
	}
	for i := range log.Events {
		r.Events = append(r.Events, log.event(last-int64(i), last))
	}
	return r, nil
}

// logScope is the scope of which a partition is the log.
func logScope(partition string) (Scope, bool) {
	parts := strings.Split(partition, "#")
	if len(parts) != 4 || parts[0] != "S" || parts[3] != "LOG" {
		return Scope{}, false
	}
	return Scope{unescape(parts[1]), unescape(parts[2])}, true
}
