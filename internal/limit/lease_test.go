package limit

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/storetest"
)

// house is a store, the instances over it, and what they log.
type house struct {
	*testing.T
	faults *storetest.Faulty
	log    bytes.Buffer
}

// inHouse runs a test under a fake clock.
func inHouse(t *testing.T, f func(h *house)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		st, err := bolt.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		f(&house{T: t, faults: storetest.NewFaulty(st)})
	})
}

func (h *house) instance() *Limiter { return h.instanceAt(time.Now) }

func (h *house) instanceAt(now func() time.Time) *Limiter {
	return New(h.faults, now, slog.New(slog.NewJSONHandler(&h.log, nil)))
}

// admitted is how many of n requests at once are.
func (h *house) admitted(l *Limiter, key string, n int) (admitted int) {
	for range n {
		if l.Take(h.Context(), key, Standard).Allowed {
			admitted++
		}
	}
	return admitted
}

func (h *house) want(what string, got, want int) {
	h.Helper()
	if got != want {
		h.Errorf("%s: %d, want %d", what, got, want)
	}
}

func TestABurstIsAdmittedAndNoMore(t *testing.T) {
	inHouse(t, func(h *house) {
		h.want("at first", h.admitted(h.instance(), "a", 1000), 100)
		h.want("of another key", h.admitted(h.instance(), "b", 1000), 100)
		h.want("on another instance", h.admitted(h.instance(), "a", 1000), 0)
		time.Sleep(Standard.Window())
		h.want("when it has come back, on a third one", h.admitted(h.instance(), "a", 1000), 100)
	})
}

func TestWhoComesBackWhenToldIsAdmitted(t *testing.T) {
	inHouse(t, func(h *house) {
		l := h.instance()
		for range 20 {
			d := l.Take(h.Context(), "a", Free)
			for d.Allowed {
				d = l.Take(h.Context(), "a", Free)
			}
			if d.RetryIn <= 0 || d.RetryIn > 2*time.Second || d.Remaining != 0 {
				t.Fatalf("it is told %+v", d)
			}
			time.Sleep(d.RetryIn)
			if d := l.Take(h.Context(), "a", Free); !d.Allowed {
				t.Fatalf("it is refused again: %+v", d)
			}
		}
	})
}

func TestWhatIsLeftIsTold(t *testing.T) {
	inHouse(t, func(h *house) {
		l := h.instance()
		for i := range 100 {
			d := l.Take(h.Context(), "a", Standard)
			if want := time.Duration(i+1) * 20 * time.Millisecond; !d.Allowed || d.Remaining != 99-i || d.ResetIn != want {
				t.Fatalf("after %d: %+v", i+1, d)
			}
		}
	})
}

func TestALeaseThatIsNotUsedLapses(t *testing.T) {
	inHouse(t, func(h *house) {
		idle, busy := h.instance(), h.instance()
		h.want("first", h.admitted(idle, "a", 40), 40)
		time.Sleep(lifetime)
		h.want("all that there is, on another instance", h.admitted(busy, "a", 1000), 100)
		h.want("then, on the first one", h.admitted(idle, "a", 1000), 0)
	})
}

func TestASlowKeyIsNotHoarded(t *testing.T) {
	inHouse(t, func(h *house) {
		for range 99 {
			h.want("one on each of many instances", h.admitted(h.instance(), "a", 1), 1)
		}
		h.want("on one more", h.admitted(h.instance(), "a", 10), 1)
	})
}

func TestABusyKeyIsSeldomAskedFor(t *testing.T) {
	inHouse(t, func(h *house) {
		l := h.instance()
		ctx, meter := store.WithMeter(h.Context())
		const n = 40 * 60
		for range n {
			if !l.Take(ctx, "a", Standard).Allowed {
				t.Fatal("it is refused")
			}
			time.Sleep(time.Second / 40)
		}
		units := (meter.ReadUnits + meter.WriteUnits) / n
		t.Logf("40 requests a second for a minute: %d calls, %.3f units a request", meter.Calls, units)
		if units > 0.1 {
			t.Errorf("a request costs %.3f units", units)
		}
	})
}

func TestOneNumberIsKeptOfAKeyForAMonth(t *testing.T) {
	inHouse(t, func(h *house) {
		h.admitted(h.instance(), "a", 1)
		item, err := h.faults.Get(h.Context(), itemKey("a"))
		if err != nil {
			t.Fatal(err)
		}
		full := time.Now().Add(20 * time.Millisecond)
		if item.Version != full.UnixNano() || len(item.Body) != 0 {
			t.Errorf("it is %+v, want the version %d", item, full.UnixNano())
		}
		if gone := time.Unix(item.Expires, 0); gone.Before(full.Add(kept-time.Minute)) || gone.After(full.Add(kept+time.Minute)) {
			t.Errorf("it goes at %v, the bucket is full at %v", gone, full)
		}
	})
}

// line is the last line of log, if it has one.
func (h *house) line() (line struct {
	Level, Limiter, Error string
	KeyID                 string `json:"key_id"`
	Admitted              int
}, lines int) {
	all := bytes.Split(bytes.TrimSpace(h.log.Bytes()), []byte("\n"))
	if h.log.Len() == 0 {
		return line, 0
	}
	if err := json.Unmarshal(all[len(all)-1], &line); err != nil {
		h.Fatal(err)
	}
	return line, len(all)
}

func TestAStoreThatFailsLetsRequestsThroughAndSaysSo(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault storetest.Fault
		call  int // which of the two calls of a lease
		waits time.Duration
	}{
		{"a read that gets no answer", storetest.Fault{Hang: true}, 1, answerTime},
		{"a write that gets no answer", storetest.Fault{Hang: true}, 2, answerTime},
		{"a write that was done but gets no answer", storetest.Fault{Hang: true, AfterEffect: true}, 2, answerTime},
		{"an answer that comes too late", storetest.Fault{Delay: time.Minute}, 1, answerTime},
		{"a read that is unavailable", storetest.Fault{Kind: store.Unavailable}, 1, 0},
		{"a read that is throttled", storetest.Fault{Kind: store.Throttled}, 1, 0},
		{"a number that is damaged", storetest.Fault{Kind: store.Damaged}, 1, 0},
		{"a write that is throttled", storetest.Fault{Kind: store.Throttled}, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				l := h.instance()
				h.faults.FailCall(c.call, c.fault)
				began := time.Now()
				if d := l.Take(h.Context(), "a", Standard); !d.Allowed {
					t.Errorf("it is refused: %+v", d)
				}
				if waited := time.Since(began); waited != c.waits {
					t.Errorf("it waits %v, want %v", waited, c.waits)
				}
				line, lines := h.line()
				if lines != 1 || line.Level != "ERROR" || line.Limiter != "open" || line.KeyID != "a" || line.Admitted != 1 || line.Error == "" {
					t.Errorf("the log has %d lines: %s", lines, h.log.Bytes())
				}
				calls := h.faults.Calls()
				h.want("in the second after it", h.admitted(l, "a", 1000), 1000)
				h.want("calls made for them", h.faults.Calls()-calls, 0)

				time.Sleep(openTime)
				if got := h.admitted(l, "a", 1000); got < 90 || got > 100 {
					t.Errorf("when the store answers again %d are admitted", got)
				}
				if _, lines := h.line(); lines != 1 {
					t.Errorf("the log has %d lines: %s", lines, h.log.Bytes())
				}
			})
		})
	}
}

func TestEverySecondWithoutAStoreIsLoggedWithHowManyWereAdmitted(t *testing.T) {
	inHouse(t, func(h *house) {
		l := h.instance()
		for n := 1; n <= 3; n++ {
			h.faults.FailCall(1, storetest.Fault{Kind: store.Unavailable})
			h.want("in this second", h.admitted(l, "a", 50), 50)
			line, lines := h.line()
			h.want("lines", lines, n)
			h.want("admitted by the log", line.Admitted, map[bool]int{true: 1, false: 50}[n == 1])
			time.Sleep(openTime)
		}
	})
}

func TestAClientThatGoesAwayIsNoFailureOfTheStore(t *testing.T) {
	inHouse(t, func(h *house) {
		l := h.instance()
		ctx, cancel := context.WithTimeout(h.Context(), answerTime/2)
		defer cancel()
		h.faults.FailCall(1, storetest.Fault{Hang: true})
		l.Take(ctx, "a", Standard)
		if _, lines := h.line(); lines != 0 {
			t.Errorf("the log says %s", h.log.Bytes())
		}
		h.want("after it", h.admitted(l, "a", 1000), 100)
	})
}

func TestALostRaceIsTriedAgainAFewTimesAndThenOwed(t *testing.T) {
	inHouse(t, func(h *house) {
		l := h.instance()
		for n := range attempts {
			h.faults.FailCall(2*n+2, storetest.Fault{Kind: store.ConditionFailed})
		}
		h.want("although each write is lost", h.admitted(l, "a", 1), 1)
		h.want("calls", h.faults.Calls(), 2*attempts)
		h.want("with it", 1+h.admitted(l, "a", 1000), 100)
		if _, lines := h.line(); lines != 0 {
			t.Errorf("the log says %s", h.log.Bytes())
		}
	})
}

func TestRequestsOfOneInstanceAtOnceShareALease(t *testing.T) {
	inHouse(t, func(h *house) {
		l := h.instance()
		h.faults.FailCall(1, storetest.Fault{Delay: 10 * time.Millisecond})
		var wg sync.WaitGroup
		var mu sync.Mutex
		admitted := 0
		for range 300 {
			wg.Go(func() {
				if l.Take(h.Context(), "a", Standard).Allowed {
					mu.Lock()
					admitted++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		h.want("admitted", admitted, 100)
		if h.faults.Calls() > 20 {
			t.Errorf("%d calls", h.faults.Calls())
		}
	})
}

func TestClocksThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		name string
		jump time.Duration
		most int // admitted at once after the jump
	}{
		{"a clock that goes back a little refuses until it has caught up", -time.Second, 0},
		{"one that goes back an hour does not refuse for an hour", -time.Hour, 100},
		{"one that goes ahead finds a full bucket, not more", time.Hour, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				jump := time.Duration(0)
				l := h.instanceAt(func() time.Time { return time.Now().Add(jump) })
				h.want("a burst", h.admitted(l, "a", 1000), 100)
				jump = c.jump
				h.want("after the jump", h.admitted(l, "a", 1000), c.most)
				time.Sleep(maxPause)
				if got := h.admitted(l, "a", 1000); got != 100 {
					t.Errorf("some time after it %d are admitted", got)
				}
			})
		})
	}
	t.Run("another instance's that is an hour ahead does not close the key", func(t *testing.T) {
		inHouse(t, func(h *house) {
			ahead := h.instanceAt(func() time.Time { return time.Now().Add(time.Hour) })
			h.want("on the one ahead", h.admitted(ahead, "a", 1000), 100)
			h.want("on the right one", h.admitted(h.instance(), "a", 1000), 100)
		})
	})
}

func TestForgottenKeysLoseAtMostTheirLeases(t *testing.T) {
	inHouse(t, func(h *house) {
		l := h.instance()
		h.want("a burst", h.admitted(l, "a", 1000), 100)
		for n := range maxKeys {
			l.bucket(strconv.Itoa(n))
		}
		if len(l.buckets) > maxKeys {
			t.Errorf("%d keys are remembered", len(l.buckets))
		}
		h.want("at once after it", h.admitted(l, "a", 1000), 0)
	})
}

func TestAClosedKeyIsRefusedOnEveryInstance(t *testing.T) {
	inHouse(t, func(h *house) {
		fresh, busy, empty := h.instance(), h.instance(), h.instance()
		h.want("before it", h.admitted(busy, "a", 20), 20)
		for empty.Take(h.Context(), "a", Standard).Allowed {
		}
		if err := h.faults.Transact(h.Context(), Close("a", time.Now())); err != nil {
			t.Fatal(err)
		}
		if d := fresh.Take(h.Context(), "a", Standard); d.Allowed || !d.Closed {
			t.Errorf("an instance that did not know the key: %+v", d)
		}
		if got := h.admitted(busy, "a", 1000); got > 20 {
			t.Errorf("an instance with a lease still admits %d", got)
		}
		time.Sleep(max(lifetime, maxPause))
		for name, l := range map[string]*Limiter{"the one with a lease": busy, "the one that had used up the bucket": empty} {
			if d := l.Take(h.Context(), "a", Standard); d.Allowed || !d.Closed {
				t.Errorf("%s, later: %+v", name, d)
			}
		}
		calls := h.faults.Calls()
		h.want("afterwards", h.admitted(fresh, "a", 10), 0)
		h.want("calls made for that", h.faults.Calls()-calls, 0)
		h.want("of another key", h.admitted(fresh, "b", 10), 10)
	})
}

func TestAShortBucketIsAskedForSeldomerUntilALeaseIsWorthIt(t *testing.T) {
	const pause = time.Second
	for _, c := range []struct {
		name                  string
		size, want, remaining int
		next                  time.Duration
	}{
		{"a lease of less than a quarter makes the pause longer", 4, 20, 0, pause * 3 / 2},
		{"one of a quarter leaves it", 5, 20, 0, pause},
		{"one of half makes it shorter", 10, 20, 0, pause * 3 / 4},
		{"one that leaves as much again ends it", 20, 20, 20, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bucket{pause: pause}
			b.granted(start, c.size, c.want, c.remaining)
			wait := time.Duration(b.askAt - start)
			if c.next == 0 {
				wait = time.Duration(b.askAt)
			}
			if b.pause != c.next || wait < c.next*3/4 || wait > c.next*5/4 {
				t.Errorf("the pause is %v, want %v; the next look is after %v", b.pause, c.next, wait)
			}
		})
	}
}
