// Package maintainer maintains in the cloud what the table's stream tells it
// was written, see timeline.Maintain. It is no part of lambdahost, so that its
// function links no endpoint.
package maintainer

import (
	"cmp"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"almanac/internal/store/dynamo"
	"almanac/internal/timeline"
)

// The environment is that of every function, see lambdahost.
const (
	envTable    = "ALMANAC_TABLE"
	envEndpoint = "ALMANAC_ENDPOINT"
	envAWSURL   = "AWS_ENDPOINT_URL"
)

// Main maintains until the environment ends.
func Main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("operation", "maintain")
	slog.SetDefault(log)
	table := os.Getenv(envTable)
	if table == "" {
		log.Error("no table: set " + envTable)
		os.Exit(1)
	}
	s := dynamo.Open(dynamo.Config{Table: table, Endpoint: cmp.Or(os.Getenv(envEndpoint), os.Getenv(envAWSURL))})
	lambda.Start(maintainer{timeline.New(s, time.Now), time.Now, log}.maintain)
}
