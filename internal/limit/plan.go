package limit

import "time"

// Plan is how many requests a key may send.
type Plan struct {
	Name  string
	Rate  int // requests a second, for as long as one likes
	Burst int // requests at once, after a rest
}

// The plans. The daily or monthly quota of each is the gateway's.
var (
	Free     = Plan{Name: "free", Rate: 5, Burst: 10}
	Standard = Plan{Name: "standard", Rate: 50, Burst: 100}
	// Shared is of each share token: of all who read with it together.
	Shared = Plan{Name: "shared", Rate: 10, Burst: 20}
)

// PlanOf gives a plan by its name. A key without one, made on the host, is as
// Standard.
func PlanOf(name string) Plan {
	switch name {
	case Free.Name:
		return Free
	case Shared.Name:
		return Shared
	}
	return Standard
}

// interval is the time that one request uses up, rounded up so that the rate
// is never exceeded.
func (p Plan) interval() time.Duration {
	return (time.Second + time.Duration(p.Rate) - 1) / time.Duration(p.Rate)
}

// Window is the time in which a whole burst comes back.
func (p Plan) Window() time.Duration { return time.Duration(p.Burst) * p.interval() }
