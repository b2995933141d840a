package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/tenant"
)

const (
	idempotencyHeader    = "Idempotency-Key"
	idempotencyKeyLength = 255
	idempotencyTime      = 24 * time.Hour
)

// onceState is how far the first request with a key has come.
type onceState string

const (
	released onceState = ""         // it changed nothing: the next one begins anew
	running  onceState = "running"  // until its lease ends
	applied  onceState = "applied"  // what it wrote is there, its answer is not
	answered onceState = "answered" // the next one gets the same answer
)

// onceRecord is what is kept of the first request with a key.
type onceRecord struct {
	State   onceState       `json:"state"`
	Request string          `json:"request"`         // SHA-256 of its body
	Lease   int64           `json:"lease,omitzero"`  // ms UTC: until then it may be running
	ETag    string          `json:"etag,omitzero"`   // of its answer
	Answer  json.RawMessage `json:"answer,omitzero"` // its body
}

var (
	errOtherBody  = fault.New(fault.Conflict, "conflict", "Conflict").Detailf("this Idempotency-Key came with another body before")
	errStillRuns  = fault.New(fault.Conflict, "conflict", "Conflict").Detailf("the first request with this Idempotency-Key is still running; try again")
	errAnswerGone = fault.New(fault.Conflict, "conflict", "Conflict").Detailf("the first request with this Idempotency-Key was done, but its answer is not kept; read what it made")
	errLeaseEnded = fault.New(fault.Unavailable, "internal_error", "The request took too long; try again")
	errKeyMisused = fault.BadRequest("%s must be given once, with 1 to %d characters", idempotencyHeader, idempotencyKeyLength)
)

// idempotencyParam is how the header is documented.
func idempotencyParam() shape.Param {
	return shape.Param{
		Name: idempotencyHeader, In: "header",
		Doc:    "For 24 hours, the same key and body get the first answer, and are done once; another body is a conflict",
		Schema: &shape.Schema{Type: "string", MinLength: 1, MaxLength: new(idempotencyKeyLength)},
	}
}

// operation is what serves an endpoint; a POST minds the Idempotency-Key.
func (c Config) operation(e Endpoint) operation {
	if e.Method != http.MethodPost {
		return e.bind(c.Deps)
	}
	deps := c.Deps
	deps.Store = holding{deps.Store}
	return c.once(e, e.bind(deps))
}

// once does an operation one time for all requests with the same
// Idempotency-Key and body. Its answer is written in the operation's own
// transaction, so that no crash can make it be done twice, or be done without
// an answer for its repeats.
func (c Config) once(e Endpoint, do operation) operation {
	return func(ctx context.Context, p tenant.Principal, r *http.Request) (any, error) {
		keys := r.Header.Values(idempotencyHeader)
		if len(keys) == 0 {
			return do(ctx, p, r)
		}
		if len(keys) > 1 || keys[0] == "" || len([]rune(keys[0])) > idempotencyKeyLength {
			return nil, errKeyMisused
		}
		body, err := readBody(r)
		if err != nil {
			return nil, err
		}
		named := []string{e.Method, r.URL.EscapedPath(), keys[0]}
		if e.Personal {
			named = append(named, p.ID)
		}
		o := onceRequest{
			secret: e.Secret, inParts: e.InParts,
			store: c.Deps.Store, now: c.Deps.Now, lease: e.Timeout,
			key:     store.Key{Partition: "WORKSPACE#" + p.Workspace + "#IDEMPOTENCY", Sort: hashOf(named...)},
			request: hashOf(string(body)),
		}
		answer, err := o.begin(ctx)
		if err != nil || answer != nil {
			return answer, err
		}
		for try := 0; ; try++ {
			o.held, o.overtaken = nil, false
			r.Body = io.NopCloser(bytes.NewReader(body))
			fresh, err := do(context.WithValue(ctx, onceKey{}, &o), p, r)
			var kept any
			if err == nil {
				kept, err = o.finish(ctx, fresh)
			}
			if !o.overtaken {
				return kept, o.release(ctx, err)
			}
			if end := store.Pause(ctx, try); end != nil {
				return nil, o.release(ctx, errStore.Because(end))
			}
		}
	}
}

func hashOf(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		_, _ = io.WriteString(h, part+"\n") // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

// onceRequest is the first request with a key.
type onceRequest struct {
	store   store.Store
	now     func() time.Time
	lease   time.Duration
	key     store.Key
	request string
	secret  bool  // its answer is never kept
	inParts bool  // it can be done again from where it failed
	version int64 // of the record as this request left it

	mu        sync.Mutex
	applied   bool       // what the operation writes is there
	held      []store.Op // what it writes, waiting for its answer
	overtaken bool       // a condition of it does not hold any more
}

// keptAnswer is the first answer, word for word.
type keptAnswer struct {
	body json.RawMessage
	etag string
}

func (a keptAnswer) Body() any    { return a.body }
func (a keptAnswer) ETag() string { return a.etag }

// begin claims the key, or gives the first answer, waiting for it while its
// request runs.
func (o *onceRequest) begin(ctx context.Context) (any, error) {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		record, version, err := o.read(ctx)
		if err != nil {
			return nil, err
		}
		state := record.State
		if (state == running || state == applied && o.inParts) && record.Lease <= o.now().UnixMilli() {
			state = released // its process died before it wrote anything, or on its way
		}
		switch {
		case state == released:
			o.version = version
			err := o.write(ctx, onceRecord{State: running, Request: o.request, Lease: o.now().Add(o.lease).UnixMilli()})
			if store.Lost(err) {
				continue // another one claimed it
			}
			return nil, err
		case record.Request != o.request:
			return nil, errOtherBody
		case state == answered:
			return keptAnswer{record.Answer, record.ETag}, nil
		case state == applied && record.Lease <= o.now().UnixMilli():
			return nil, errAnswerGone
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, errStillRuns.Because(ctx.Err())
		case <-timer.C:
		}
	}
}

func (o *onceRequest) read(ctx context.Context) (record onceRecord, version int64, err error) {
	item, err := o.store.Get(ctx, o.key)
	if store.KindOf(err) == store.NotFound {
		return onceRecord{}, 0, nil
	}
	if err != nil {
		return onceRecord{}, 0, err
	}
	if item.Expires <= o.now().Unix() {
		return onceRecord{}, item.Version, nil
	}
	return record, item.Version, json.Unmarshal(item.Body, &record)
}

// put is the op that takes the record from the version this request knows to
// the next one.
func (o *onceRequest) put(record onceRecord) (store.Op, error) {
	body, err := encode(record)
	cond := store.VersionIs(o.version)
	if o.version == 0 {
		cond = store.Absent()
	}
	return store.Put(store.Item{
		Key: o.key, Version: o.version + 1, Body: body, Expires: o.now().Add(idempotencyTime).Unix(),
	}, cond), err
}

func (o *onceRequest) write(ctx context.Context, record onceRecord) error {
	op, err := o.put(record)
	if err == nil {
		err = o.store.Transact(ctx, op)
	}
	if err == nil {
		o.version++
	}
	return err
}

// release lets the next request begin anew, unless this one wrote what must not
// be done twice, or it is not known whether it did: the record itself will tell.
func (o *onceRequest) release(ctx context.Context, cause error) error {
	if cause == nil || o.applied && !o.inParts || store.KindOf(cause) == store.Unavailable {
		return cause
	}
	// If this fails, the end of the lease does the same.
	_ = o.write(context.WithoutCancel(ctx), onceRecord{State: released})
	return cause
}

// maxKept is how long an answer is kept at most: with it the record is an item
// that can be stored.
const maxKept = store.MaxItemBytes - 4<<10

// finish writes what is held back, and the answer unless it holds a secret.
func (o *onceRequest) finish(ctx context.Context, answer any) (any, error) {
	if o.secret {
		return answer, nil
	}
	body, err := encode(unwrapped(answer))
	if err != nil {
		return nil, err
	}
	kept := keptAnswer{body: body}
	if t, ok := answer.(tagged); ok {
		kept.etag = t.ETag()
	}
	record := onceRecord{State: answered, Request: o.request, ETag: kept.etag, Answer: kept.body}
	if len(body) > maxKept {
		record = o.mark()
	}
	if o.held != nil {
		return kept, o.apply(ctx, record)
	}
	// The operation is done: a failure here costs its answer, not its effect.
	_ = o.write(context.WithoutCancel(ctx), record)
	return kept, nil
}

// mark says that the operation was done, by one who may answer still; for an
// answer that is never kept nobody needs to wait.
func (o *onceRequest) mark() onceRecord {
	done := onceRecord{State: applied, Request: o.request}
	if !o.secret {
		done.Lease = o.now().Add(o.lease).UnixMilli()
	}
	return done
}
