package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"almanac/internal/fault"
	"almanac/internal/limit"
	"almanac/internal/shape"
	"almanac/internal/tenant"
)

// Fields of draft-ietf-httpapi-ratelimit-headers-11: lists of a policy's name
// with its parameters, all of them integers.
const (
	policyField = "RateLimit-Policy"
	limitField  = "RateLimit"
)

// LimitPartitions matches the partitions of the table that hold limits.
const LimitPartitions = limit.PartitionPrefix + "*"

// PlanLimits gives the requests a second and at once that a plan allows.
func PlanLimits(plan string) (rate, burst int) {
	p := limit.PlanOf(plan)
	return p.Rate, p.Burst
}

// errRevoked is for a key that who authenticated it still took for valid.
var errRevoked = fault.New(fault.Unauthenticated, "unauthorized", "Authentication required").Detailf("the key was revoked")

// limit counts a request against the plan of its key, where the host limits.
func (c Config) limit(ctx context.Context, h http.Header, p tenant.Principal) error {
	if c.Limiter == nil {
		return nil
	}
	plan := limit.PlanOf(string(p.Plan))
	d := c.Limiter.Take(ctx, p.ID, plan)
	if d.Closed {
		return errRevoked
	}
	reset := d.ResetIn
	if !d.Allowed {
		// The draft wants the same moment in both fields.
		reset = max(d.RetryIn, time.Second)
	}
	h.Set(policyField, fmt.Sprintf("%q;q=%d;w=%d", plan.Name, plan.Burst, seconds(plan.Window())))
	h.Set(limitField, fmt.Sprintf("%q;r=%d;t=%d", plan.Name, d.Remaining, seconds(reset)))
	if d.Allowed {
		return nil
	}
	return limited(fmt.Sprintf("the plan %s allows %d requests a second, %d at once", plan.Name, plan.Rate, plan.Burst), reset)
}

// seconds rounds up: who waits that long has waited long enough.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// limitHeaders documents what the host sends where it limits.
func limitHeaders() map[string]responseHeader {
	text := &shape.Schema{Type: "string"}
	return map[string]responseHeader{
		policyField: {`Where the host limits requests, the plan of the key or share token: requests at once (q) and the seconds in which they come back (w), as in "standard";q=100;w=2`, text},
		limitField:  {`Where the host limits requests, those left (r) and the seconds until all are back, or with 429 until some are (t), as in "standard";r=99;t=1`, text},
	}
}
