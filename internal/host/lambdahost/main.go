// Package lambdahost runs endpoints as Lambda functions behind an API Gateway
// REST API. It is the only importer of the Lambda libraries.
package lambdahost

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"almanac/internal/api"
	"almanac/internal/limit"
	"almanac/internal/store/dynamo"
	"almanac/internal/tenant"
)

// The environment of every function. Region and credentials are Lambda's own
// AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
const (
	envTable    = "ALMANAC_TABLE"
	envEndpoint = "ALMANAC_ENDPOINT" // a URL in place of AWS's own; or AWS's variable for it:
	envAWSURL   = "AWS_ENDPOINT_URL"
	// With off, a function makes no call before its first request, which then
	// waits for the connection.
	envWarm = "ALMANAC_WARM"
)

const warmTimeout = 2 * time.Second

// Main serves one endpoint until the environment ends, with the gateway that is
// opened for it, if it needs one.
func Main(e api.Endpoint, open ...func() (tenant.Gateway, error)) {
	log := openLog()
	var gateway tenant.Gateway
	for _, o := range open {
		var err error
		if gateway, err = o(); err != nil {
			log.Error(err.Error())
			os.Exit(1)
		}
	}
	store := openStore(log)
	c := api.Config{
		Deps:         api.Deps{Store: store, Gateway: gateway, Now: time.Now, MaxProjects: api.MaxProjects},
		Authenticate: principal,
		Limiter:      limit.New(store, time.Now, log),
		Log:          log,
	}
	if e.Streams() {
		c.Stop = make(chan struct{}) // Lambda stops no function that runs
		lambda.Start(newFunction(c, e).stream)
	}
	lambda.Start(newFunction(c, e).answer)
}

// Authorizer serves the gateway's REQUEST authorizer until the environment ends.
func Authorizer() {
	log := openLog()
	keys := tenant.NewKeys(openStore(log), time.Now)
	lambda.Start(authorizer{keys.Authenticate, log}.answer)
}

// openLog writes JSON lines, those of the libraries too.
func openLog() *slog.Logger {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(log)
	return log
}

// openStore opens the table and its connection: during init the processor is
// not rationed, so that the first request need not pay for it.
func openStore(log *slog.Logger) *dynamo.Store {
	table := os.Getenv(envTable)
	if table == "" {
		log.Error("no table: set " + envTable)
		os.Exit(1)
	}
	s := dynamo.Open(dynamo.Config{
		Table:    table,
		Endpoint: cmp.Or(os.Getenv(envEndpoint), os.Getenv(envAWSURL)),
	})
	if os.Getenv(envWarm) == "off" {
		return s
	}
	ctx, cancel := context.WithTimeout(context.Background(), warmTimeout)
	defer cancel()
	if err := s.Warm(ctx); err != nil {
		// The first request may find the store well again, or says 503.
		log.Warn("warm-up failed", slog.String("error", err.Error()))
	}
	return s
}
