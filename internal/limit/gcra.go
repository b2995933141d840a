// Package limit holds each key to its plan, exactly and across instances: a
// generic cell rate algorithm whose one number lies in the store, and leases
// of requests by which an instance seldom has to ask for it.
package limit

import "time"

// Verdict is what Decide says.
type Verdict struct {
	Allowed   bool
	TAT       int64         // the new state; the old one when not allowed
	RetryIn   time.Duration // until as much would be allowed; 0 when it is now
	ResetIn   time.Duration // until a whole burst is
	Remaining int           // requests that would be allowed now, after this
}

// Decide is the generic cell rate algorithm. The state, tat, is the theoretical
// arrival time: when the bucket of the plan is full again. It and now are Unix
// times in nanoseconds; a tat of 0 is a bucket never used. A cost above the
// plan's burst is never allowed.
//
// Between any two of its clock's readings t apart it allows at most
// burst + rate·t, however the clock jumps meanwhile: a clock that goes back
// finds the bucket emptier, never fuller.
func (p Plan) Decide(tat, now int64, cost int) Verdict {
	interval, window := p.interval(), p.Window()
	used := time.Duration(max(tat-now, 0))
	need := time.Duration(cost) * interval
	v := Verdict{TAT: tat}
	if v.Allowed = used <= window-need; v.Allowed {
		used += need
		v.TAT = now + int64(used)
	} else {
		v.RetryIn = used - (window - need)
	}
	v.ResetIn = used
	v.Remaining = int(max(window-used, 0) / interval)
	return v
}
