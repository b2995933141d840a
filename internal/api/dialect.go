package api

import (
	"net/http"
	"reflect"
	"strings"

	"almanac/internal/fault"
)

// dialect is how one of the three APIs words its answers.
type dialect struct {
	failure func(status int, f *fault.Error) any // the JSON body of an error
	failed  reflect.Type                         // of such a body
	success func(answer any) any                 // what is sent for an operation's answer; nil: the answer
}

// dialectOf gives the dialect of a path. Paths of no API get the catalog's.
func dialectOf(path string) dialect {
	if strings.HasPrefix(path+"/", networkRoot+"/") {
		return networkDialect
	}
	return catalogDialect
}

var catalogDialect = dialect{failure: catalogError, failed: reflect.TypeFor[CatalogError]()}

// CatalogError is the error body of the catalog. It has these members exactly.
type CatalogError struct {
	Status     int               `json:"status" doc:"HTTP status code" example:"404"`
	Code       string            `json:"code" doc:"Machine-readable code in snake_case" example:"service_not_found"`
	Message    string            `json:"message" doc:"What went wrong, in a sentence" example:"Service not found"`
	Details    string            `json:"details,omitzero" doc:"More about it, where there is more to say"`
	Violations []fault.Violation `json:"violations,omitzero" doc:"What is wrong with the body, the first 100 of it; only with validation_failed"`
	RetryAfter int               `json:"retryAfter,omitzero" doc:"Seconds to wait; only with rate_limited"`
}

func catalogError(status int, f *fault.Error) any {
	return CatalogError{status, f.Code, f.Message, f.Details, f.Violations, f.RetryAfter}
}

var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.PaymentRequired: http.StatusPaymentRequired,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.NotAllowed:      http.StatusMethodNotAllowed,
	fault.Conflict:        http.StatusConflict,
	fault.Precondition:    http.StatusPreconditionFailed,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Limited:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// StatusOf is the HTTP status of a kind of error.
func StatusOf(kind fault.Kind) int { return statuses[kind] }

var (
	errRouteNotFound = fault.New(fault.NotFound, "not_found", "Not found")
	errNotAllowed    = fault.New(fault.NotAllowed, "bad_request", "Method not allowed")
	errTimedOut      = fault.New(fault.Unavailable, "internal_error", "The store did not answer in time; try again")
	errStore         = fault.New(fault.Unavailable, "internal_error", "The store cannot answer now; try again")
)

func notAllowed(methods []string) *fault.Error {
	return errNotAllowed.Detailf("this path allows %s", strings.Join(methods, ", "))
}
