// Package fault is the one error type that domains return and the API turns
// into an answer. Its kinds are closed: an error that is none of them is
// Internal, and its text goes to the log, never to a client.
package fault

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Kind says what went wrong in terms that map to one HTTP status each.
type Kind int

const (
	Internal        Kind = iota // 500
	Invalid                     // 400
	Unauthenticated             // 401
	PaymentRequired             // 402: a limit of the workspace's plan
	Forbidden                   // 403
	NotFound                    // 404
	NotAllowed                  // 405: the path exists, the method does not
	Conflict                    // 409
	Precondition                // 412: If-Match named another snapshot
	TooLarge                    // 413
	Limited                     // 429
	Unavailable                 // 503
)

// Error is what a caller did wrong, or what failed, in words for the client.
type Error struct {
	Kind       Kind
	Code       string // machine-readable, snake_case, from the contract's enum
	Message    string
	Details    string      // optional second sentence
	Violations []Violation // only with Code validation_failed
	RetryAfter int         // seconds; only with Limited
	Cause      error       // for the log only
}

// Violation is one invalid member of a body. Field is a path as in
// "produces[2].name"; it is "body" where no member can be named.
type Violation struct {
	Field         string          `json:"field"`
	Message       string          `json:"message"`
	RejectedValue json.RawMessage `json:"rejectedValue,omitempty"`
}

func (e *Error) Error() string {
	s := e.Code + ": " + e.Message
	if e.Details != "" {
		s += " (" + e.Details + ")"
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Detailf returns a copy with its details set.
func (e *Error) Detailf(format string, args ...any) *Error {
	c := *e
	c.Details = fmt.Sprintf(format, args...)
	return &c
}

// Because returns a copy that carries its cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// BadRequest is a 400 for what is not a member of a body: a query parameter, a header.
func BadRequest(format string, args ...any) *Error {
	return New(Invalid, "bad_request", "Bad request").Detailf(format, args...)
}

// ValidationFailed is a 400 that lists what is wrong with a body.
func ValidationFailed(violations ...Violation) *Error {
	return &Error{Kind: Invalid, Code: "validation_failed", Message: "Validation failed", Violations: violations}
}

// Of gives err as an *Error: itself, or Internal with err as its cause.
func Of(err error) *Error {
	if f, ok := errors.AsType[*Error](err); ok {
		return f
	}
	return New(Internal, "internal_error", "Internal error").Because(err)
}
