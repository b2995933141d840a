// Package announcer tells an EventBridge bus of every write, as the table's
// stream brings it. It is no part of lambdahost, so that only its own function
// links what it needs.
package announcer

import (
	"cmp"
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// The environment, and AWS's own variables. AWS_ENDPOINT_URL is a URL in place
// of AWS's own.
const (
	envBus         = "ALMANAC_BUS"          // the bus's name
	envDeadLetters = "ALMANAC_DEAD_LETTERS" // the queue's URL
	envAWSURL      = "AWS_ENDPOINT_URL"
)

// Main announces until the environment ends.
func Main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("operation", "announce")
	slog.SetDefault(log)
	for _, name := range []string{envBus, envDeadLetters} {
		if os.Getenv(name) == "" {
			log.Error("the environment lacks " + name)
			os.Exit(1)
		}
	}
	region, endpoint := os.Getenv("AWS_REGION"), (*string)(nil)
	if url := os.Getenv(envAWSURL); url != "" {
		region, endpoint = cmp.Or(region, "us-east-1"), &url
	}
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
			Source:          "environment",
		}, nil
	})
	a := announcer{
		bus:         eventbridge.New(eventbridge.Options{Region: region, BaseEndpoint: endpoint, Credentials: credentials}),
		busName:     os.Getenv(envBus),
		deadLetters: sqs.New(sqs.Options{Region: region, BaseEndpoint: endpoint, Credentials: credentials}),
		queueURL:    os.Getenv(envDeadLetters),
		log:         log,
	}
	lambda.Start(a.announce)
}
