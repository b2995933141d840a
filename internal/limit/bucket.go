package limit

import (
	"math"
	"math/rand/v2"
	"time"

	"almanac/internal/store"
)

// bucket is what an instance knows of a key. Times are Unix times in nanoseconds.
type bucket struct {
	turn chan struct{} // held by the one request that may touch the rest

	stored int64 // the number in the store when last seen; 0: none
	alone  bool  // nobody else wrote it between our last two looks

	left  int   // leased and not used; below 0: allowed and not yet leased
	lapse int64 // when left lapses

	demand  float64 // requests of the last horizon, at counted
	counted int64

	askAt int64         // refused until then
	pause time.Duration // between two leases of a short bucket; 0: it is not

	openUntil int64 // all are allowed until then
	unlimited int   // how many were since the last line of log
}

// count adds a request to the demand, where older ones count exponentially less.
func (b *bucket) count(now int64) {
	if passed := now - b.counted; passed > 0 {
		b.demand *= math.Exp(-float64(passed) / float64(horizon))
	}
	b.demand++
	b.counted = now
}

// decision allows, and tells what is left as far as this instance knows.
func (b *bucket) decision(plan Plan, now int64) Decision {
	v := plan.Decide(b.tat(plan, now)-int64(b.left)*int64(plan.interval()), now, 0)
	return Decision{Allowed: true, Remaining: v.Remaining, ResetIn: v.ResetIn}
}

// tat is the state of the key. One further ahead than any plan allows was
// written by a clock that was wrong: the next lease puts a right one there.
func (b *bucket) tat(plan Plan, now int64) int64 {
	if b.stored > now+int64(plan.Window()+maxSkew) {
		return 0
	}
	return b.stored
}

// unchanged holds when the store still has the number that was last seen.
func (b *bucket) unchanged() store.Condition {
	if b.stored == 0 {
		return store.Absent()
	}
	return store.VersionIs(b.stored)
}

// refused gives the time until it is worth asking again: longer each time, so
// that many instances do not ask all the time for what only one can get.
func (b *bucket) refused(now int64, retryIn, batch time.Duration) time.Duration {
	b.pause = min(max(2*b.pause, batch/2), maxPause)
	wait := min(max(retryIn, b.jittered()), maxPause)
	b.askAt = now + int64(wait)
	return wait
}

// granted sets when to ask again after this lease, which is not at once while
// the bucket is short: a longer pause where a lease brings less than a quarter
// of what was wanted, a shorter one where it brings more than half.
func (b *bucket) granted(now int64, size, want, remaining int) {
	if b.pause == 0 {
		return
	}
	switch {
	case remaining >= want:
		b.pause, b.askAt = 0, 0
		return
	case 4*size < want:
		b.pause = min(b.pause*3/2, maxPause)
	case 2*size >= want:
		b.pause = b.pause * 3 / 4
	}
	b.askAt = now + int64(b.jittered())
}

// jittered is the pause, a quarter more or less.
func (b *bucket) jittered() time.Duration { return b.pause*3/4 + rand.N(b.pause/2+1) }

// until is the time left until then. More than any that is set here is none:
// the clock has gone back since.
func until(then, now int64, longest time.Duration) time.Duration {
	if left := time.Duration(then - now); left <= longest {
		return left
	}
	return 0
}
