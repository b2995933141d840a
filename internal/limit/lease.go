package limit

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"almanac/internal/store"
)

const (
	// horizon is how far ahead an instance leases: as many requests as it had
	// of the key in about that time.
	horizon = 5 * time.Second
	// lifetime is when what is left of a lease lapses. Nothing is written: the
	// bucket refills by time whether a lease was used or not. In t seconds a
	// key is allowed at most burst + rate·(t + lifetime), which takes instances
	// that all save up their leases and spend them at once.
	lifetime = 2 * horizon
	// maxPause is how long an instance may refuse a key that keeps finding its
	// bucket empty before it asks again.
	maxPause = 2 * horizon
	// answerTime is what a request waits for the store before it is let through.
	answerTime = 250 * time.Millisecond
	// openTime is how long the requests after that one do not wait at all.
	openTime = time.Second
	// attempts is how often a lease is tried against instances that write theirs.
	attempts = 4
	// maxSkew is how far ahead of ours the clock of another instance may be.
	maxSkew = 5 * time.Second
	// maxKeys bounds an instance's memory. What it forgets lapses.
	maxKeys = 4096
)

// Limiter holds keys to their plans. Every instance has its own, all of them
// over one store; its methods are safe for concurrent use.
type Limiter struct {
	store store.Store
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	buckets map[string]*bucket // by key
}

// New makes the limiter of an instance.
func New(s store.Store, now func() time.Time, log *slog.Logger) *Limiter {
	return &Limiter{store: s, now: now, log: log, buckets: map[string]*bucket{}}
}

// Decision is what a request is told.
type Decision struct {
	Allowed   bool
	Closed    bool          // not allowed now or ever: the key was closed
	Remaining int           // requests that would be allowed now
	ResetIn   time.Duration // until a whole burst is
	RetryIn   time.Duration // when not allowed: until it is worth trying again
}

// Take asks for one request of a key. When the store does not answer in time
// it is allowed, and the log has a line with the member "limiter":"open", which
// an alarm looks for; "admitted" counts those allowed since the line before.
func (l *Limiter) Take(ctx context.Context, key string, plan Plan) Decision {
	b := l.bucket(key)
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return Decision{Allowed: true} // nobody waits for the answer
	}
	now := l.now().UnixNano()
	b.count(now)
	if until(b.lapse, now, lifetime) <= 0 {
		b.left = min(b.left, 0)
	}
	if b.left < 1 {
		if wait := until(b.askAt, now, maxPause); wait > 0 {
			return Decision{RetryIn: wait, ResetIn: wait}
		}
		if until(b.openUntil, now, openTime) > 0 {
			b.unlimited++
			return b.decision(plan, now)
		}
		wait, err := l.lease(ctx, key, plan, b, now)
		switch {
		case err != nil:
			l.fail(ctx, key, b, now, err)
			return b.decision(plan, now)
		case b.stored == closed:
			return Decision{Closed: true}
		case wait > 0:
			return Decision{RetryIn: wait, ResetIn: wait}
		}
	}
	b.left--
	return b.decision(plan, now)
}

func (l *Limiter) bucket(key string) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= maxKeys {
			clear(l.buckets)
		}
		b = &bucket{turn: make(chan struct{}, 1)}
		l.buckets[key] = b
	}
	return b
}

// lease takes from the store as many requests as the demand asks for, or fewer
// where few are left, or gives the time to wait where none is. When others
// always write first, one is allowed that the next lease pays.
func (l *Limiter) lease(ctx context.Context, key string, plan Plan, b *bucket, now int64) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	need := min(1-b.left, plan.Burst) // more is never allowed
	want := max(1, min(int(b.demand), plan.Burst/2))
	for n := range attempts {
		if n > 0 {
			time.Sleep(rand.N(10 * time.Millisecond << n))
		}
		if b.stored == closed {
			return 0, nil
		}
		// The number only grows: what an old one refuses need not be read again.
		v := plan.Decide(b.tat(plan, now), now, need)
		if v.Allowed && !b.alone {
			if err := l.look(ctx, key, b); err != nil || b.stored == closed {
				return 0, err
			}
			v = plan.Decide(b.tat(plan, now), now, need)
		}
		if !v.Allowed {
			return b.refused(now, v.RetryIn, time.Duration(want)*plan.interval()), nil
		}
		spare := v.Remaining
		if b.pause == 0 {
			spare /= 2 // for the others
		}
		size := need + min(want-1, spare)
		next := plan.Decide(b.tat(plan, now), now, size).TAT
		err := l.store.Transact(ctx, store.Put(item(key, next), b.unchanged()))
		if store.Lost(err) {
			b.alone = false
			continue
		}
		if err != nil {
			return 0, err
		}
		b.stored = next
		b.left += size
		b.lapse = now + int64(lifetime)
		b.granted(now, size, want, v.Remaining-size+need)
		return 0, nil
	}
	return 0, nil
}

// look reads the number of the key.
func (l *Limiter) look(ctx context.Context, key string, b *bucket) error {
	found, err := l.store.Get(ctx, itemKey(key))
	if err != nil && store.KindOf(err) != store.NotFound {
		return err
	}
	b.alone = found.Version == b.stored
	b.stored = found.Version
	return nil
}

// fail lets this request through and those of the next while, unless it was
// the client that went away.
func (l *Limiter) fail(ctx context.Context, key string, b *bucket, now int64, err error) {
	if ctx.Err() != nil {
		return
	}
	l.log.LogAttrs(ctx, slog.LevelError, "requests are not limited: the store does not answer",
		slog.String("limiter", "open"),
		slog.String("key_id", key),
		slog.Int("admitted", b.unlimited+1),
		slog.String("error", err.Error()))
	b.openUntil = now + int64(openTime)
	b.unlimited = 0
}

// PartitionPrefix begins the partition of every item of this package.
const PartitionPrefix = "LIMIT#"

func itemKey(key string) store.Key { return store.Key{Partition: PartitionPrefix + key, Sort: "LIMIT"} }

// kept is how long the state of a key is kept that says no more than its
// absence does: a lease costs half where there is a number to be raised.
const kept = 30 * 24 * time.Hour

// item keeps the state of a key.
func item(key string, tat int64) store.Item {
	return store.Item{
		Key:     itemKey(key),
		Version: tat,
		Expires: tat/int64(time.Second) + int64(kept/time.Second),
	}
}
