package dynamo

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Explain tells whether DynamoDB refused a call, or else did not answer it, and
// gives the cause without the layers of the SDK around it.
func Explain(err error) (refused bool, cause error) {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		return true, fmt.Errorf("%s: %s", refusal.ErrorCode(), refusal.ErrorMessage())
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		return false, request.Err
	}
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return false, fmt.Errorf("what answers there is none: status %d", answer.HTTPStatusCode())
	}
	return false, err
}
