// Package usageplan ties our keys to API Gateway's usage plans. It is no part
// of lambdahost, so that only the functions that make and delete keys link it,
// and the command that makes the first key.
package usageplan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

// The environment: the ids of the usage plans, as in "free=a1b2c3,standard=d4e5f6",
// and AWS's own variables. AWS_ENDPOINT_URL is a URL in place of AWS's own.
const (
	envPlans  = "ALMANAC_PLANS"
	envAWSURL = "AWS_ENDPOINT_URL"
)

// Gateway is a tenant.Gateway. The gateway's key for one of ours has our key's
// id as its name and, because the authorizer names callers so, as its value.
type Gateway struct {
	client *apigateway.Client
	plans  map[tenant.Plan]string // ids
}

// Open makes a Gateway from the environment, and no call.
func Open() (tenant.Gateway, error) { return OpenPlans(os.Getenv(envPlans)) }

// OpenPlans is Open with the ids of the plans, as they stand in the environment.
func OpenPlans(ids string) (tenant.Gateway, error) {
	plans := map[tenant.Plan]string{}
	for pair := range strings.SplitSeq(ids, ",") {
		name, id, _ := strings.Cut(pair, "=")
		plans[tenant.Plan(name)] = id
	}
	for _, p := range []tenant.Plan{tenant.Free, tenant.Standard} {
		if plans[p] == "" {
			return nil, fmt.Errorf("no usage plan %s: set %s to free=ID,standard=ID", p, envPlans)
		}
	}
	options := apigateway.Options{
		Region: os.Getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
				SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
				Source:          "environment",
			}, nil
		}),
	}
	if url := os.Getenv(envAWSURL); url != "" {
		options.BaseEndpoint = &url
		options.Region = cmp.Or(options.Region, "us-east-1")
	}
	return &Gateway{apigateway.New(options), plans}, nil
}

var errGateway = fault.New(fault.Unavailable, "internal_error", "The gateway cannot take the key now; try again")

// Attach makes the gateway's key, unless it is there, and puts it into the plan.
func (g *Gateway) Attach(ctx context.Context, keyID string, plan tenant.Plan) error {
	id, err := g.create(ctx, keyID)
	if err != nil {
		return errGateway.Because(err)
	}
	_, err = g.client.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{
		UsagePlanId: aws.String(g.plans[plan]), KeyId: &id, KeyType: aws.String("API_KEY"),
	})
	// A key stays in its plan for life, so it is in this one.
	if err != nil && !conflict(err) {
		return errGateway.Because(err)
	}
	return nil
}

// create gives the gateway's own id of the key.
func (g *Gateway) create(ctx context.Context, keyID string) (string, error) {
	made, err := g.client.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{
		Name: &keyID, Value: &keyID, Enabled: true, Description: aws.String("Key of Almanac, made and deleted by its API"),
	})
	if err == nil {
		return aws.ToString(made.Id), nil
	}
	if !conflict(err) {
		return "", err
	}
	ids, findErr := g.find(ctx, keyID)
	if findErr == nil && len(ids) == 1 {
		return ids[0], nil
	}
	return "", errors.Join(err, findErr)
}

// Detach deletes the gateway's key, and with it its place in the plan.
func (g *Gateway) Detach(ctx context.Context, keyID string) error {
	ids, err := g.find(ctx, keyID)
	if err != nil {
		return errGateway.Because(err)
	}
	for _, id := range ids {
		_, err := g.client.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: &id})
		if _, gone := errors.AsType[*types.NotFoundException](err); err != nil && !gone {
			return errGateway.Because(err)
		}
	}
	return nil
}

// find gives the gateway's own ids of the keys with a name. It asks for all
// whose name begins with that.
func (g *Gateway) find(ctx context.Context, name string) (ids []string, err error) {
	pages := apigateway.NewGetApiKeysPaginator(g.client, &apigateway.GetApiKeysInput{NameQuery: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, key := range page.Items {
			if aws.ToString(key.Name) == name {
				ids = append(ids, aws.ToString(key.Id))
			}
		}
	}
	return ids, nil
}

func conflict(err error) bool {
	_, ok := errors.AsType[*types.ConflictException](err)
	return ok
}
