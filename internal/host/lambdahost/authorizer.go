package lambdahost

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

// errUnauthorized has the one text that the gateway answers with 401; any
// other error is its 500. It keeps neither, only policies.
var errUnauthorized = errors.New("Unauthorized")

var errNoVerdict = errors.New("the key could not be looked up")

// authorizer tells the gateway who calls.
type authorizer struct {
	authenticate func(ctx context.Context, authorization []string) (tenant.Principal, error)
	log          *slog.Logger
}

// answer allows the whole stage: the gateway keeps the policy under the key
// and asks it about every other method and path too. The verdict is logged
// under the gateway's id of the request, as what the function does with it is.
func (a authorizer) answer(ctx context.Context, event events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
	ctx, cancel := withReserve(ctx)
	defer cancel()
	p, err := a.authenticate(ctx, authorizations(event))
	id := slog.String("request_id", event.RequestContext.RequestID)
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind == fault.Unauthenticated {
		a.log.LogAttrs(ctx, slog.LevelInfo, "authorize", id, slog.String("refused", f.Details))
		return events.APIGatewayCustomAuthorizerResponse{}, errUnauthorized
	}
	if err != nil {
		a.log.LogAttrs(ctx, slog.LevelError, "authorize", id, slog.String("error", err.Error()))
		return events.APIGatewayCustomAuthorizerResponse{}, errNoVerdict
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, "authorize", id, slog.String("workspace", p.Workspace), slog.String("key_id", p.ID))
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: p.ID,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version: "2012-10-17",
			Statement: []events.IAMPolicyStatement{{
				Action:   []string{"execute-api:Invoke"},
				Effect:   "Allow",
				Resource: []string{stageOf(event.MethodArn) + "/*"},
			}},
		},
		Context:            contextOf(p),
		UsageIdentifierKey: p.ID,
	}, nil
}

// authorizations are all values of the header, however its name is written.
func authorizations(event events.APIGatewayCustomAuthorizerRequestTypeRequest) []string {
	var all []string
	for name, values := range event.MultiValueHeaders {
		if strings.EqualFold(name, "Authorization") {
			all = append(all, values...)
		}
	}
	if event.MultiValueHeaders != nil {
		return all
	}
	for name, value := range event.Headers {
		if strings.EqualFold(name, "Authorization") {
			all = append(all, value)
		}
	}
	return all
}

// stageOf cuts "arn:…:api/stage/METHOD/path…" after its stage.
func stageOf(methodARN string) string {
	api, rest, _ := strings.Cut(methodARN, "/")
	stage, _, _ := strings.Cut(rest, "/")
	return api + "/" + stage
}
