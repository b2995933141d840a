// Package eventbus sends the catalog's events to an EventBridge bus. It is no
// part of lambdahost, so that only who sends events links it.
package eventbus

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"almanac/internal/catalog"
)

// What one call of the bus takes.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
const (
	MaxEntries = 10
	MaxBytes   = 256 << 10
)

// Client is what is called of EventBridge.
type Client interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Bus is a bus by its name.
type Bus struct {
	Client Client
	Name   string
}

// Open makes a Bus from AWS's own environment, and no call. AWS_ENDPOINT_URL is
// a URL in place of AWS's own.
func Open(name string) Bus {
	options := eventbridge.Options{Region: os.Getenv("AWS_REGION"), Credentials: Credentials()}
	if url := os.Getenv("AWS_ENDPOINT_URL"); url != "" {
		options.Region, options.BaseEndpoint = cmp.Or(options.Region, "us-east-1"), &url
	}
	return Bus{eventbridge.New(options), name}
}

// Credentials are those of the environment.
func Credentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
			Source:          "environment",
		}, nil
	})
}

// Entry is an event as the bus takes it. An error means that it never will.
type Entry struct {
	types.PutEventsRequestEntry
	Bytes int // what it counts for
}

func (b Bus) Entry(e catalog.Event) (Entry, error) {
	detail, err := json.Marshal(e)
	if err != nil {
		return Entry{}, err
	}
	const timeBytes = 14
	entry := Entry{types.PutEventsRequestEntry{
		EventBusName: &b.Name,
		Source:       aws.String(catalog.Source),
		DetailType:   aws.String(e.Title()),
		Detail:       aws.String(string(detail)),
		Time:         aws.Time(time.UnixMilli(int64(e.Time))),
	}, timeBytes + len(catalog.Source) + len(e.Title()) + len(detail)}
	if entry.Bytes > MaxBytes {
		return Entry{}, fmt.Errorf("an event of %d bytes is more than the bus takes", entry.Bytes)
	}
	return entry, nil
}

// Put sends entries in one call and gives what the bus says of each: nil where
// it was taken. The bus may take some that come after one that it refuses.
func (b Bus) Put(ctx context.Context, entries []Entry) []error {
	input := &eventbridge.PutEventsInput{}
	for _, e := range entries {
		input.Entries = append(input.Entries, e.PutEventsRequestEntry)
	}
	output, err := b.Client.PutEvents(ctx, input)
	if err == nil && len(output.Entries) != len(entries) {
		err = fmt.Errorf("the bus answers of %d entries, not of %d", len(output.Entries), len(entries))
	}
	refusals := make([]error, len(entries))
	for i := range entries {
		refusals[i] = err
		if err == nil && output.Entries[i].ErrorCode != nil {
			refusals[i] = fmt.Errorf("%s: %s", *output.Entries[i].ErrorCode, aws.ToString(output.Entries[i].ErrorMessage))
		}
	}
	return refusals
}

// Send sends one event.
func (b Bus) Send(ctx context.Context, e catalog.Event) error {
	entry, err := b.Entry(e)
	if err != nil {
		return err
	}
	return b.Put(ctx, []Entry{entry})[0]
}
