package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/dynamo"
	"almanac/internal/store/dynamo/dynamotest"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const secret = "wJalrXUtnFEMI-K7MDENG-bPxRfiCY"

// answer is what a transport does with one request.
type answer func(*http.Request) (*http.Response, error)

// script answers each request in turn, and from the last one on all alike.
type script struct {
	answers  []answer
	requests int
	tokens   map[string]bool
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	var body struct{ ClientRequestToken string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, err
	}
	if s.tokens == nil {
		s.tokens = map[string]bool{}
	}
	s.tokens[body.ClientRequestToken] = true
	a := s.answers[min(s.requests, len(s.answers)-1)]
	s.requests++
	return a(r)
}

func respond(status int, body string) answer {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			Body:   io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

func fails(status int, code, message string) answer {
	b, _ := json.Marshal(map[string]string{"__type": "com.amazonaws.dynamodb.v20120810#" + code, "message": message})
	return respond(status, string(b))
}

type reason struct{ Code, Message string }

func cancelledFor(codes ...string) answer {
	reasons := make([]reason, len(codes))
	for i, code := range codes {
		reasons[i] = reason{code, "because"}
	}
	return cancelledWith(reasons...)
}

func cancelledWith(reasons ...reason) answer {
	b, _ := json.Marshal(map[string]any{
		"__type":              "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
		"Message":             "Transaction cancelled",
		"CancellationReasons": reasons,
	})
	return respond(400, string(b))
}

func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func refuse(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }

var (
	done       = respond(200, "{}")
	conflict   = cancelledFor("None", "TransactionConflict")
	throttled  = cancelledFor("ThrottlingError", "None")
	internal   = fails(500, "InternalServerError", "oops")
	tooLarge   = cancelledWith(reason{"ValidationError", "Item size has exceeded the maximum allowed size"}, reason{Code: "None"})
	inProgress = fails(400, "TransactionInProgressException", "wait")
)

func faulty(s *script) *dynamo.Store {
	return dynamo.Open(dynamo.Config{
		Table: "t", Region: "eu-central-1", Transport: s,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: secret, SessionToken: secret}, nil
		}),
	})
}

var twoOps = []store.Op{
	store.Put(store.Item{Key: store.Key{Partition: "p", Sort: "a"}}, store.Condition{}),
	store.Put(store.Item{Key: store.Key{Partition: "p", Sort: "b"}}, store.Absent()),
}

func TestTransactUnderFaults(t *testing.T) {
	for _, test := range []struct {
		name     string
		answers  []answer
		kind     store.ErrorKind
		op       int
		requests int           // 0: several
		within   time.Duration // 0: at once
	}{
		{"conflicts that end are not seen", []answer{conflict, conflict, done}, 0, 0, 3, time.Second},
		{"conflicts without end are a conflict", []answer{conflict}, store.Conflict, 1, 0, 5 * time.Second},
		{"throttling that ends is not seen", []answer{throttled, fails(400, "ThrottlingException", "slow down"), done}, 0, 0, 3, time.Second},
		{"throttling without end is throttled", []answer{throttled}, store.Throttled, 0, 0, 5 * time.Second},
		{"throughput exceeded is throttled", []answer{fails(400, "ProvisionedThroughputExceededException", "slow down")}, store.Throttled, -1, 0, 5 * time.Second},
		{"a fault of the service is tried again", []answer{internal, internal, done}, 0, 0, 3, time.Second},
		{"a service out of order is unavailable", []answer{internal}, store.Unavailable, -1, 0, 5 * time.Second},
		{"a connection refused is tried again", []answer{refuse, done}, 0, 0, 2, time.Second},
		{"an answer cut short is tried again", []answer{respond(200, `{"Consumed`), done}, 0, 0, 2, time.Second},
		{"an answer that never comes is asked for again", []answer{hang, done}, 0, 0, 2, 3100 * time.Millisecond},
		{"no answer ever is unavailable", []answer{hang}, store.Unavailable, -1, 2, 5 * time.Second},
		{"a request still in progress is asked for again", []answer{hang, inProgress, done}, 0, 0, 3, 4 * time.Second},
		{"conflicts after an unseen answer leave it unknown", []answer{refuse, conflict}, store.Unavailable, 1, 0, 5 * time.Second},
		{"a failed condition after an unseen answer is a verdict", []answer{refuse, cancelledFor("None", "ConditionalCheckFailed")}, store.ConditionFailed, 1, 2, time.Second},
		{"a failed condition is not tried again", []answer{cancelledFor("None", "ConditionalCheckFailed")}, store.ConditionFailed, 1, 1, 0},
		{"a failed condition wins over a conflict", []answer{cancelledFor("TransactionConflict", "ConditionalCheckFailed")}, store.ConditionFailed, 1, 1, 0},
		{"what DynamoDB finds invalid is invalid", []answer{fails(400, "ValidationException", "One or more parameter values were invalid")}, store.Invalid, -1, 1, 0},
		{"what DynamoDB finds too large is too large", []answer{tooLarge}, store.TooLarge, 0, 1, 0},
		{"a missing table is unavailable at once", []answer{fails(400, "ResourceNotFoundException", "no table")}, store.Unavailable, -1, 1, 0},
		{"missing rights are unavailable at once", []answer{fails(400, "AccessDeniedException", "not authorized")}, store.Unavailable, -1, 1, 0},
		{"a wrong key is unavailable at once", []answer{fails(400, "UnrecognizedClientException", "bad token")}, store.Unavailable, -1, 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: test.answers}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				ctx, meter := store.WithMeter(ctx)
				start := time.Now()
				err := faulty(s).Transact(ctx, twoOps...)
				if took := time.Since(start); took > test.within {
					t.Errorf("took %v, more than %v", took, test.within)
				}
				if store.KindOf(err) != test.kind || test.kind == 0 && err != nil {
					t.Fatalf("error %v, want kind %d", err, test.kind)
				}
				if e, ok := errors.AsType[*store.Error](err); ok {
					if e.Op != test.op || e.Op >= 0 && e.Key != twoOps[e.Op].Item.Key {
						t.Errorf("op %d at %v, want op %d", e.Op, e.Key, test.op)
					}
					if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "AKIA") {
						t.Errorf("the error shows credentials: %v", err)
					}
				}
				if test.requests > 0 && s.requests != test.requests || test.requests == 0 && s.requests < 4 {
					t.Errorf("%d requests, want %d", s.requests, test.requests)
				}
				if len(s.tokens) != 1 {
					t.Errorf("%d tokens over %d requests", len(s.tokens), s.requests)
				}
				if meter.Calls+meter.Failed != s.requests {
					t.Errorf("%d calls and %d that failed were counted of %d", meter.Calls, meter.Failed, s.requests)
				}
			})
		})
	}
}

func TestReadsUnderFaults(t *testing.T) {
	const damagedItem = `{"Item":{"pk":{"S":"p"},"sk":{"S":"a"},"v":{"N":"1"}}}`
	for _, test := range []struct {
		name     string
		answers  []answer
		kind     store.ErrorKind
		requests int
		within   time.Duration
	}{
		{"faults that end are not seen", []answer{internal, refuse, fails(400, "ThrottlingException", "slow down"), done}, store.NotFound, 4, time.Second},
		{"throttling without end is throttled", []answer{fails(400, "ThrottlingException", "slow down")}, store.Throttled, 0, 5 * time.Second},
		{"no answer ever is unavailable", []answer{hang}, store.Unavailable, 2, 5 * time.Second},
		{"an item that is not ours is damaged", []answer{respond(200, damagedItem)}, store.Damaged, 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: test.answers}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				start := time.Now()
				_, err := faulty(s).Get(ctx, store.Key{Partition: "p", Sort: "a"})
				if took := time.Since(start); took > test.within {
					t.Errorf("took %v, more than %v", took, test.within)
				}
				if store.KindOf(err) != test.kind {
					t.Fatalf("error %v, want kind %d", err, test.kind)
				}
				if test.requests > 0 && s.requests != test.requests {
					t.Errorf("%d requests, want %d", s.requests, test.requests)
				}
			})
		})
	}
}

func TestRetriesEndWithoutADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := faulty(&script{answers: []answer{conflict}}).Transact(t.Context(), twoOps...)
		if took := time.Since(start); store.KindOf(err) != store.Conflict || took < 5*time.Second || took > 10*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestACancelledCallDoesNotPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(time.Second, cancel)
		err := faulty(&script{answers: []answer{throttled}}).Transact(ctx, twoOps...)
		if took := time.Since(start); err == nil || took > time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestMissingCredentialsAreNamed(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	s := &script{answers: []answer{done}}
	_, err := dynamo.Open(dynamo.Config{Table: "t", Region: "eu-central-1", Transport: s}).Get(t.Context(), store.Key{Partition: "p", Sort: "a"})
	if store.KindOf(err) != store.Unavailable || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") || s.requests != 0 {
		t.Errorf("%v after %d requests", err, s.requests)
	}
}

// forgetful drops every first answer: the request has its effect, unseen.
type forgetful struct {
	requests int
}

func (f *forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	f.requests++
	if err == nil && f.requests%2 == 1 {
		res.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return res, err
}

func TestAnAnswerLostAfterItsEffectIsNotAppliedTwice(t *testing.T) {
	config := dynamotest.Config(t)
	transport := &forgetful{}
	config.Transport = transport
	s := dynamo.Open(config)
	key := store.Key{Partition: "p", Sort: "a"}
	other := store.Check(store.Key{Partition: "p", Sort: "b"}, store.Absent())
	// Done twice, each would fail its own condition.
	if err := s.Transact(t.Context(), store.Put(store.Item{Key: key, Version: 1}, store.Absent())); err != nil {
		t.Fatal(err)
	}
	if err := s.Transact(t.Context(), store.Put(store.Item{Key: key, Version: 2}, store.VersionIs(1)), other); err != nil {
		t.Fatal(err)
	}
	// A plain write does fail it, and does not say that nothing was written.
	err := s.Transact(t.Context(), store.Put(store.Item{Key: key, Version: 3}, store.VersionIs(2)))
	if store.KindOf(err) != store.Unavailable {
		t.Fatal(err)
	}
	got, err := s.Get(t.Context(), key)
	if err != nil || got.Version != 3 || transport.requests != 8 {
		t.Errorf("%v, %v after %d requests", got, err, transport.requests)
	}
}

func TestAPlainWriteUnderFaults(t *testing.T) {
	failed := fails(400, "ConditionalCheckFailedException", "The conditional request failed")
	conflict := fails(400, "TransactionConflictException", "a transaction has the item")
	for _, test := range []struct {
		name     string
		answers  []answer
		kind     store.ErrorKind
		op       int
		requests int // 0: several
	}{
		{"it is one request", []answer{done}, 0, 0, 1},
		{"a failed condition is not tried again", []answer{failed}, store.ConditionFailed, 0, 1},
		{"a fault of the service is tried again", []answer{internal, done}, 0, 0, 2},
		{"a failed condition after an unseen answer leaves it unknown", []answer{refuse, failed}, store.Unavailable, 0, 2},
		{"and after a fault of the service", []answer{internal, failed}, store.Unavailable, 0, 2},
		{"and after an answer cut short", []answer{respond(200, `{"Consumed`), failed}, store.Unavailable, 0, 2},
		{"and if others were in between", []answer{hang, conflict, failed}, store.Unavailable, 0, 3},
		{"what was refused unwritten leaves nothing unknown", []answer{fails(400, "ThrottlingException", "slow down"), conflict, failed}, store.ConditionFailed, 0, 3},
		{"a conflict that ends is not seen", []answer{conflict, conflict, done}, 0, 0, 3},
		{"conflicts without end are a conflict", []answer{conflict}, store.Conflict, -1, 0},
		{"conflicts after an unseen answer leave it unknown", []answer{refuse, conflict}, store.Unavailable, -1, 0},
		{"no answer ever is unavailable", []answer{hang}, store.Unavailable, -1, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: test.answers}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				item := store.Item{Key: store.Key{Partition: "p", Sort: "a"}, Version: 2}
				err := faulty(s).Transact(ctx, store.Put(item, store.VersionIs(1)))
				if store.KindOf(err) != test.kind || test.kind == 0 && err != nil {
					t.Fatalf("error %v, want kind %d", err, test.kind)
				}
				if e, ok := errors.AsType[*store.Error](err); ok && (e.Op != test.op || e.Op == 0 && e.Key != item.Key) {
					t.Errorf("op %d at %v, want op %d", e.Op, e.Key, test.op)
				}
				if test.requests > 0 && s.requests != test.requests || test.requests == 0 && s.requests < 4 {
					t.Errorf("%d requests, want %d", s.requests, test.requests)
				}
				if !maps.Equal(s.tokens, map[string]bool{"": true}) {
					t.Errorf("it has the tokens %v", s.tokens)
				}
			})
		})
	}
}

// What may be done a second time by a repeated request has a token.
func TestOnlyAWriteThatRaisesAVersionIsPlain(t *testing.T) {
	at := func(version int64) store.Item {
		return store.Item{Key: store.Key{Partition: "p", Sort: "a"}, Version: version}
	}
	for name, ops := range map[string][]store.Op{
		"a put without a condition":     {store.Put(at(2), store.Condition{})},
		"a put where there was nothing": {store.Put(at(1), store.Absent())},
		"a put that keeps the version":  {store.Put(at(2), store.VersionIs(2))},
		"a put that lowers the version": {store.Put(at(1), store.VersionIs(2))},
		"a delete of a version":         {store.Delete(at(1).Key, store.VersionIs(1))},
		"a check":                       {store.Check(at(1).Key, store.VersionIs(1))},
		"a put with another beside it":  {store.Put(at(2), store.VersionIs(1)), store.Delete(store.Key{Partition: "p", Sort: "b"}, store.Condition{})},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: []answer{done}}
			if err := faulty(s).Transact(t.Context(), ops...); err != nil || s.tokens[""] || len(s.tokens) != 1 {
				t.Errorf("%v, with the tokens %v", err, s.tokens)
			}
		})
	}
}

func TestWarmIsOneRead(t *testing.T) {
	ctx, meter := store.WithMeter(t.Context())
	if err := dynamotest.Open(t).Warm(ctx); err != nil || meter.Calls != 1 || meter.ReadUnits != 1 {
		t.Errorf("%v, %d calls, %v units", err, meter.Calls, meter.ReadUnits)
	}
}

func TestAStoreThatRefusesTheReadIsWarmAllTheSame(t *testing.T) {
	refused := fails(http.StatusBadRequest, "AccessDeniedException", "not authorized to perform: dynamodb:GetItem")
	if err := faulty(&script{answers: []answer{refused}}).Warm(t.Context()); err != nil {
		t.Error(err)
	}
	missing := fails(http.StatusBadRequest, "ResourceNotFoundException", "no such table")
	if err := faulty(&script{answers: []answer{missing}}).Warm(t.Context()); err == nil {
		t.Error("a table that is not there is warm")
	}
}

func TestATableThatIsThereIsNotMadeAgain(t *testing.T) {
	if err := dynamotest.Open(t).CreateTable(t.Context()); err != nil {
		t.Error(err)
	}
}
