package emulated

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"almanac/internal/api"
	"almanac/internal/store/dynamo"
	"almanac/internal/tenant"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Table opens the stack's table as its owner.
func (s *Stack) Table() *dynamo.Store {
	return dynamo.Open(dynamo.Config{
		Table: s.Outputs["TableName"], Endpoint: s.URL, Region: Region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: Owner, SecretAccessKey: Owner}, nil
		}),
	})
}

// Address is what a path of an API is put after; that of no API is the catalog's
// to refuse.
func (s *Stack) Address(path string) string {
	apis := api.APIs()
	of := max(0, slices.IndexFunc(apis, func(a api.API) bool { return a.Holds(path) }))
	return s.URL + "/restapis/" + s.Outputs[strings.ToUpper(apis[of].Name[:1])+apis[of].Name[1:]+"ApiId"] + "/prod/_user_request_"
}

// CreateKey makes the first key of a workspace by the command that people use
// for it, and gives what that prints on its two outputs.
func (s *Stack) CreateKey(ctx context.Context, workspace string, args ...string) (secret, said string, err error) {
	data, err := os.MkdirTemp("", "almanac-keys-")
	if err != nil {
		return "", "", err
	}
	defer os.RemoveAll(data)
	cmd := command(ctx, data, s.program, append([]string{
		"keys", "create", "--workspace", workspace, "--data", data,
		"--store", "dynamodb", "--table", s.Outputs["TableName"], "--endpoint", s.URL,
	}, args...)...)
	cmd.Env = []string{"AWS_ENDPOINT_URL=" + s.URL, "AWS_REGION=" + Region, "AWS_ACCESS_KEY_ID=" + Owner, "AWS_SECRET_ACCESS_KEY=" + Owner}
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", "", fmt.Errorf("%s: %w\n%s", cmd, err, &errs)
	}
	return strings.TrimSpace(out.String()), errs.String(), nil
}

// Admit makes the gateway know a key that the table knows, in a plan, and gives
// the key's id.
func (s *Stack) Admit(ctx context.Context, secret, plan string) (string, error) {
	p, err := tenant.NewKeys(s.Table(), time.Now).Authenticate(ctx, []string{"Bearer " + secret})
	if err != nil {
		return "", err
	}
	return p.ID, s.Attach(ctx, p.ID, plan)
}

// Attach makes the gateway know an id, in a plan.
func (s *Stack) Attach(ctx context.Context, id, plan string) error {
	var key struct{ ID string }
	if err := s.REST(ctx, "apigateway", http.MethodPost, "/apikeys", map[string]any{"name": id, "value": id, "enabled": true}, &key); err != nil {
		return err
	}
	return s.REST(ctx, "apigateway", http.MethodPost, "/usageplans/"+plan+"/keys", map[string]any{"keyId": key.ID, "keyType": "API_KEY"}, nil)
}
