package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/dynamo"
)

// answerTime is how long a DynamoDB may take to answer for the first time.
const answerTime = 10 * time.Second

// openDynamoDB opens the table and asks it for something, so that what is wrong
// with it is told here.
func (s settings) openDynamoDB(ctx context.Context, env func(string) string) (store.Store, error) {
	for _, needed := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if s.endpoint == "" && env(needed) == "" {
			return nil, usageError("--store dynamodb needs %s in the environment, or --endpoint with the URL of a DynamoDB that is not AWS's own", needed)
		}
	}
	d := dynamo.Open(dynamo.Config{Table: s.table, Endpoint: s.endpoint, Region: env("AWS_REGION")})
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if s.endpoint != "" && !s.reading {
		if err := d.CreateTable(ctx); err != nil {
			return nil, s.unusable(err, env)
		}
	}
	_, err := d.Get(ctx, store.Key{Partition: "start", Sort: "start"})
	if err != nil && store.KindOf(err) != store.NotFound {
		return nil, s.unusable(err, env)
	}
	return d, nil
}

// unusable says what to do about a table that does not answer as it should.
func (s settings) unusable(err error, env func(string) string) error {
	where := cmp.Or(s.endpoint, "AWS in "+env("AWS_REGION"))
	refused, cause := dynamo.Explain(err)
	if refused {
		return fmt.Errorf("DynamoDB at %s refuses the table %s (%w): correct --table, --endpoint or AWS_REGION, or give the credentials of the environment access to it",
			where, s.table, cause)
	}
	return fmt.Errorf("no DynamoDB answers at %s (%w): start it, or correct --endpoint or AWS_REGION", where, cause)
}
