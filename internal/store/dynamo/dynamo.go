// Package dynamo is the store on AWS: one DynamoDB table with string keys pk
// and sk. Everything here is made for a short cold start: a client built by
// hand, and nothing done before the first call.
package dynamo

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"almanac/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Config says which table to use. Only Table is needed.
type Config struct {
	Table    string
	Region   string // else AWS_REGION; with an Endpoint it may be missing
	Endpoint string // a URL in place of AWS's own, such as DynamoDB Local's

	// Credentials are else the environment's AWS_ACCESS_KEY_ID,
	// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or with an Endpoint and
	// without those some that DynamoDB Local takes.
	Credentials aws.CredentialsProvider
	Transport   http.RoundTripper

	// AttemptTimeout ends one request to DynamoDB that gets no answer, so that
	// it is tried again; else 3 seconds.
	AttemptTimeout time.Duration
	// CallTimeout ends the retries of a call whose context has no deadline;
	// else 10 seconds.
	CallTimeout time.Duration
}

// Store is a store.Store. Use Open.
type Store struct {
	table          *string
	client         *dynamodb.Client
	attemptTimeout time.Duration
	callTimeout    time.Duration
}

var _ store.Store = (*Store)(nil)

// Open makes no request. A wrong configuration shows at the first call.
func Open(c Config) *Store {
	options := dynamodb.Options{
		Region:      c.Region,
		Credentials: c.Credentials,
		HTTPClient:  httpClient(c.Transport),
		// Retries are this package's: within the caller's deadline, and told
		// apart by whether something may have been written.
		Retryer: aws.NopRetryer{},
	}
	if options.Region == "" {
		options.Region = os.Getenv("AWS_REGION")
	}
	if options.Credentials == nil {
		options.Credentials = environment(c.Endpoint != "")
	}
	if c.Endpoint != "" {
		options.BaseEndpoint = &c.Endpoint
		if options.Region == "" {
			options.Region = "us-east-1"
		}
	}
	s := &Store{
		table:          &c.Table,
		client:         dynamodb.New(options),
		attemptTimeout: c.AttemptTimeout,
		callTimeout:    c.CallTimeout,
	}
	if s.attemptTimeout == 0 {
		s.attemptTimeout = 3 * time.Second
	}
	if s.callTimeout == 0 {
		s.callTimeout = 10 * time.Second
	}
	return s
}

// Close does nothing: there is nothing to let go of but idle connections.
func (s *Store) Close() error { return nil }

// Warm opens the connection that the first call will use, by one small read. A
// caller who may not read that way has the connection all the same.
func (s *Store) Warm(ctx context.Context) error {
	_, err := s.Get(ctx, store.Key{Partition: "warm", Sort: "warm"})
	if refusal, ok := errors.AsType[smithy.APIError](err); ok && refusal.ErrorCode() == "AccessDeniedException" {
		return nil
	}
	if store.KindOf(err) == store.NotFound {
		return nil
	}
	return err
}

// CreateTable makes the table, as DynamoDB Local needs it; the one on AWS is
// the stack's. One that is there already is no error.
func (s *Store) CreateTable(ctx context.Context) error {
	_, err := s.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   s.table,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(store.AttrPartition), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(store.AttrSort), KeyType: types.KeyTypeRange},
		},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(store.AttrPartition), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(store.AttrSort), AttributeType: types.ScalarAttributeTypeS},
		},
	})
	if _, exists := errors.AsType[*types.ResourceInUseException](err); exists {
		return nil
	}
	return err
}

func httpClient(transport http.RoundTripper) dynamodb.HTTPClient {
	if transport != nil {
		return &http.Client{Transport: transport}
	}
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 128
	})
}

func environment(local bool) aws.CredentialsProvider {
	c := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if local && !c.HasKeys() {
		c = aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local", Source: "local"}
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		if !c.HasKeys() {
			return c, errNoCredentials
		}
		return c, nil
	})
}

var errNoCredentials = errors.New("no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
