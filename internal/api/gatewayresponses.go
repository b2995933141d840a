package api

import (
	"strconv"
	"time"

	"almanac/internal/fault"
)

// How long the gateway tells a caller to wait. Its answers are fixed texts, so
// these are round figures; the exact ones are ours.
const (
	throttledWait = time.Second
	quotaWait     = time.Hour
)

// gatewayResponses are our bodies for what a gateway answers by itself, by its
// names for it: one for all its paths, without conditions. The two defaults give every other answer of
// their class one status, so that the body can name it.
func gatewayResponses(words dialect) object {
	forbidden := fault.New(fault.Forbidden, "forbidden", "Forbidden")
	unauthorized := fault.New(fault.Unauthenticated, "unauthorized", "Authentication required")
	responses := object{}
	for name, f := range map[string]*fault.Error{
		"UNAUTHORIZED":  unauthorized,
		"EXPIRED_TOKEN": unauthorized,
		"ACCESS_DENIED": forbidden,
		"WAF_FILTERED":  forbidden,
		// The authorizer knows the key, but it is in no usage plan.
		"INVALID_API_KEY":              forbidden.Detailf("the key is in no usage plan"),
		"MISSING_AUTHENTICATION_TOKEN": errRouteNotFound,
		// Only a path outside the document is checked for a signature.
		"INVALID_SIGNATURE":      errRouteNotFound,
		"RESOURCE_NOT_FOUND":     errRouteNotFound,
		"REQUEST_TOO_LARGE":      errBodyTooLarge,
		"UNSUPPORTED_MEDIA_TYPE": fault.BadRequest("no such route takes a body of this media type"),
		"THROTTLED":              limited("the plan's rate is used up", throttledWait),
		"QUOTA_EXCEEDED":         limited("the plan's quota is used up", quotaWait),
		"INTEGRATION_TIMEOUT":    errTimedOut,
		"INTEGRATION_FAILURE":    fault.New(fault.Unavailable, "internal_error", "The service cannot answer now; try again"),
		"DEFAULT_4XX":            fault.New(fault.Invalid, "bad_request", "Bad request"),
		"DEFAULT_5XX":            fault.Of(nil),
	} {
		parameters := object{}
		for _, h := range append(responseHeaders(f), commonHeaders...) {
			parameters["gatewayresponse.header."+h[0]] = h[1]
		}
		responses[name] = object{
			"statusCode":         strconv.Itoa(StatusOf(f.Kind)),
			"responseParameters": parameters,
			"responseTemplates":  object{"application/json": gatewayError(words, f)},
		}
	}
	return responses
}

// limited has no details: strict clients refuse more members than these.
func limited(reason string, wait time.Duration) *fault.Error {
	f := fault.New(fault.Limited, "rate_limited", "Too many requests: "+reason)
	f.RetryAfter = seconds(wait)
	return f
}

func responseHeaders(f *fault.Error) [][2]string {
	switch f.Kind {
	case fault.Unauthenticated:
		return [][2]string{literal("WWW-Authenticate", "Bearer")}
	case fault.Limited:
		return [][2]string{literal("Retry-After", strconv.Itoa(f.RetryAfter))}
	}
	return nil
}
