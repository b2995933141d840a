package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"almanac/internal/fault"
	"almanac/internal/shape"
)

// MaxBodyBytes is the largest request body; a larger one is 413.
const MaxBodyBytes = 1 << 20

var errBodyTooLarge = fault.New(fault.TooLarge, "bad_request", "Request body too large").
	Detailf("a body is at most %d bytes", MaxBodyBytes)

func decodeParams(params *shape.Params, r *http.Request, into any) error {
	var query url.Values
	if r.URL.RawQuery != "" {
		var err error
		if query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
			return fault.BadRequest("the query string is malformed: %s", err)
		}
	}
	return params.Decode(r.PathValue, query, r.Header.Values, into)
}

func decodeBody(body *shape.Body, r *http.Request, into any) error {
	data, err := readBody(r)
	if err != nil {
		return err
	}
	violations := body.Decode(data, into)
	if len(violations) == 0 {
		return nil
	}
	f := fault.ValidationFailed(violations...)
	if len(violations) == shape.MaxViolations {
		f.Message += fmt.Sprintf("; the first %d violations are shown", len(violations))
	}
	return f
}

func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > MaxBodyBytes {
		return nil, errBodyTooLarge
	}
	// One allocation of the right size where the length is known.
	data := make([]byte, 0, max(r.ContentLength, 0)+512)
	limited := io.LimitReader(r.Body, MaxBodyBytes+1)
	for {
		n, err := limited.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case len(data) > MaxBodyBytes:
			return nil, errBodyTooLarge
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, fault.ValidationFailed(fault.Violation{Field: "body", Message: "could not be read to its end"})
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

// passOver refuses a body that is too large where the operation reads none:
// then the limit of a body does not depend on the operation.
func passOver(r *http.Request) error {
	n := r.ContentLength
	if n < 0 {
		n, _ = io.CopyN(io.Discard, r.Body, MaxBodyBytes+1)
	}
	if n > MaxBodyBytes {
		return errBodyTooLarge
	}
	return nil
}
