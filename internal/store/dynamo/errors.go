package dynamo

import (
	"errors"
	"strings"

	"almanac/internal/store"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// classify turns an attempt's error into the store's, and tells whether another
// attempt may do better. The kind is Unavailable where the attempt may have had
// an effect.
func classify(err error) (e *store.Error, again bool) {
	if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return reason(canceled)
	}
	e = &store.Error{Kind: store.Unavailable, Op: -1, Err: err}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return e, !errors.Is(err, errNoCredentials)
	}
	e.Err = api // without the request around it
	switch api.ErrorCode() {
	case "ConditionalCheckFailedException":
		return &store.Error{Kind: store.ConditionFailed, Op: 0}, false
	case "TransactionConflictException":
		e.Kind = store.Conflict
		return e, true
	case "ThrottlingException", "ThrottlingError", "ProvisionedThroughputExceededException", "RequestLimitExceeded":
		e.Kind = store.Throttled
		return e, true
	case "TransactionInProgressException":
		return e, true
	case "ValidationException":
		e.Kind = invalidOrTooLarge(api.ErrorMessage())
		return e, false
	}
	// What is left is a fault of the service, or with a 4xx one of the table,
	// the credentials or the grants, which no attempt will mend.
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	return e, !ok || response.HTTPStatusCode() >= 500
}

// refusedPlainly tells whether a write without a token did not hold its condition.
func refusedPlainly(err error) bool {
	_, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	return ok
}

// reason is the verdict in a cancelled transaction's list of reasons, one for
// each op: a failed condition before anything that may be tried again.
func reason(canceled *types.TransactionCanceledException) (e *store.Error, again bool) {
	find := func(codes ...string) bool {
		for i, r := range canceled.CancellationReasons {
			if r.Code == nil {
				continue
			}
			for _, code := range codes {
				if *r.Code == code {
					e = &store.Error{Op: i}
					if r.Message != nil && code != "ConditionalCheckFailed" {
						e.Err = errors.New(*r.Message)
					}
					return true
				}
			}
		}
		return false
	}
	switch {
	case find("ConditionalCheckFailed"):
		e.Kind = store.ConditionFailed
		return e, false
	case find("ValidationError", "ItemCollectionSizeLimitExceeded"):
		e.Kind = store.Invalid
		if e.Err != nil {
			e.Kind = invalidOrTooLarge(e.Err.Error())
		}
		return e, false
	case find("TransactionConflict"):
		e.Kind = store.Conflict
		return e, true
	case find("ThrottlingError", "ProvisionedThroughputExceeded"):
		e.Kind = store.Throttled
		return e, true
	}
	return &store.Error{Kind: store.Unavailable, Op: -1, Err: canceled}, true
}

func invalidOrTooLarge(message string) store.ErrorKind {
	if strings.Contains(strings.ToLower(message), "size") {
		return store.TooLarge
	}
	return store.Invalid
}

func unavailable(err error) *store.Error {
	return &store.Error{Kind: store.Unavailable, Op: -1, Err: err}
}
