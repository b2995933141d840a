package announcer

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"

	"almanac/internal/catalog"
	"almanac/internal/store"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// read makes entries of a record, none where it is no news. The stream's filter
// lets through more than the outbox: what is removed is not said again.
func (a announcer) read(r events.DynamoDBEventRecord) (partition string, entries []entry, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if r.EventName != string(events.DynamoDBOperationTypeInsert) {
		return "", nil, nil
	}
	key := store.Key{Partition: text(r.Change.Keys, store.AttrPartition), Sort: text(r.Change.Keys, store.AttrSort)}
	if !catalog.IsOutbox(key) {
		return "", nil, nil
	}
	item := store.Item{Key: key}
	body, ok := r.Change.NewImage[store.AttrBody]
	if !ok || body.DataType() != events.DataTypeBinary {
		return "", nil, fmt.Errorf("%q %q comes without its body", key.Partition, key.Sort)
	}
	item.Body = body.Binary()
	told, err := catalog.EventsOf(item)
	if err != nil {
		return "", nil, err
	}
	for _, e := range told {
		next, err := a.bus.Entry(e)
		if err != nil {
			return "", nil, err
		}
		entries = append(entries, entry{next, r.Change.SequenceNumber})
	}
	return key.Partition, entries, nil
}

func text(attributes map[string]events.DynamoDBAttributeValue, name string) string {
	if v, ok := attributes[name]; ok && v.DataType() == events.DataTypeString {
		return v.String()
	}
	return ""
}

// letter is what a dead letter says. The stream forgets its record after a day.
type letter struct {
	Reason   string `json:"reason"`
	Record   string `json:"record"` // the stream's sequence number
	Stream   string `json:"stream"`
	Key      string `json:"pk"`
	Sort     string `json:"sk"`
	Body     []byte `json:"b,omitzero"` // where it fits
	BodySize int    `json:"bodyBytes"`
}

// maxLetterBody keeps a letter below what the queue takes, 256 KiB.
const maxLetterBody = 128 << 10

func (a announcer) bury(ctx context.Context, r events.DynamoDBEventRecord, reason error) error {
	l := letter{
		Reason: reason.Error(), Record: r.Change.SequenceNumber, Stream: r.EventSourceArn,
		Key: text(r.Change.Keys, store.AttrPartition), Sort: text(r.Change.Keys, store.AttrSort),
	}
	if b, ok := r.Change.NewImage[store.AttrBody]; ok && b.DataType() == events.DataTypeBinary {
		if l.BodySize = len(b.Binary()); l.BodySize <= maxLetterBody {
			l.Body = b.Binary()
		}
	}
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	a.log.ErrorContext(ctx, "unreadable", "record", l.Record, "pk", l.Key, "sk", l.Sort, "error", l.Reason)
	_, err = a.deadLetters.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &a.queueURL, MessageBody: aws.String(string(body))})
	return err
}
