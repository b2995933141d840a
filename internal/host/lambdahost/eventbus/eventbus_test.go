package eventbus

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"almanac/internal/catalog"
)

// says is a bus that gives one answer.
type says struct {
	output *eventbridge.PutEventsOutput
	err    error
}

func (s says) PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	return s.output, s.err
}

func TestWhatTheBusSaysOfEachEntryIsTold(t *testing.T) {
	taken := types.PutEventsResultEntry{EventId: aws.String("id")}
	refused := types.PutEventsResultEntry{ErrorCode: aws.String("ThrottlingException"), ErrorMessage: aws.String("slow down")}
	for name, c := range map[string]struct {
		says says
		want []string // part of each refusal; empty: taken
	}{
		"all are taken":           {says{&eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{taken, taken}}, nil}, []string{"", ""}},
		"one is refused":          {says{&eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{refused, taken}}, nil}, []string{"ThrottlingException: slow down", ""}},
		"the call fails":          {says{nil, errors.New("no answer")}, []string{"no answer", "no answer"}},
		"the answer is too short": {says{&eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{taken}}, nil}, []string{"of 1 entries", "of 1 entries"}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, err := range (Bus{c.says, "bus"}).Put(t.Context(), make([]Entry, 2)) {
				if (err == nil) != (c.want[i] == "") || err != nil && !strings.Contains(err.Error(), c.want[i]) {
					t.Errorf("of entry %d it says %v", i, err)
				}
			}
		})
	}
}

func TestAnEntryIsTheEventAndCountsForItsBytes(t *testing.T) {
	event := catalog.Event{Type: "almanac.catalog.service.created", Time: 1000}
	e, err := Bus{Name: "bus"}.Entry(event)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{*e.EventBusName, *e.Source, *e.DetailType}
	if !slices.Equal(got, []string{"bus", "almanac.catalog", "Service Created"}) || e.Time.UnixMilli() != 1000 {
		t.Errorf("it is %q at %s", got, e.Time)
	}
	if want := 14 + len(*e.Source) + len(*e.DetailType) + len(*e.Detail); e.Bytes != want {
		t.Errorf("it counts for %d bytes, not %d", e.Bytes, want)
	}
	event.Data.Name = strings.Repeat("x", MaxBytes)
	if err := (Bus{Name: "bus"}).Send(t.Context(), event); err == nil || !strings.Contains(err.Error(), "more than the bus takes") {
		t.Error(err)
	}
}
