// Package announcer tells an EventBridge bus of every write, as the table's
// stream brings it. It is no part of lambdahost, so that only its own function
// links what it needs.
package announcer

import (
	"cmp"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"almanac/internal/host/lambdahost/eventbus"
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
	options := sqs.Options{Region: os.Getenv("AWS_REGION"), Credentials: eventbus.Credentials()}
	if url := os.Getenv(envAWSURL); url != "" {
		options.Region, options.BaseEndpoint = cmp.Or(options.Region, "us-east-1"), &url
	}
	a := announcer{
		bus:         eventbus.Open(os.Getenv(envBus)),
		deadLetters: sqs.New(options),
		queueURL:    os.Getenv(envDeadLetters),
		log:         log,
	}
	lambda.Start(a.announce)
}
