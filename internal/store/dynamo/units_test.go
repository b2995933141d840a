package dynamo_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/dynamo/dynamotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The computation of sizes and units is held against what DynamoDB Local reports
// for plain writes and reads, around the sizes where the figure steps.
func TestComputedUnitsAreThoseReported(t *testing.T) {
	config := dynamotest.Config(t)
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &config.Endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	for name, prototype := range map[string]store.Item{
		"a plain item":      {Version: 1},
		"a large version":   {Version: 1234567890123456789},
		"an even version":   {Version: 12},
		"an odd version":    {Version: 123},
		"trailing zeros":    {Version: 1_000_000},
		"version zero":      {Version: 0},
		"a negative":        {Version: -12},
		"the least version": {Version: math.MinInt64},
		"an expiry":         {Version: 1, Expires: 1_999_999_999},
		"wide characters":   {Version: 1, Key: store.Key{Sort: "東京🚢é"}},
	} {
		for _, size := range []int{1024, 4096, 8192} {
			for _, d := range []int{-1, 0, 1} {
				item := prototype
				item.Partition = "p"
				item.Sort += fmt.Sprintf("%s %d %d", name, size, d)
				item.Body = []byte(strings.Repeat("x", size+d-store.Size(item)))
				values := map[string]types.AttributeValue{
					"pk": &types.AttributeValueMemberS{Value: item.Partition},
					"sk": &types.AttributeValueMemberS{Value: item.Sort},
					"v":  &types.AttributeValueMemberN{Value: fmt.Sprint(item.Version)},
					"b":  &types.AttributeValueMemberB{Value: item.Body},
				}
				if item.Expires != 0 {
					values["ttl"] = &types.AttributeValueMemberN{Value: fmt.Sprint(item.Expires)}
				}
				put, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
					TableName: &config.Table, Item: values, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
				})
				if err != nil {
					t.Fatal(err)
				}
				get, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
					TableName: &config.Table, ConsistentRead: aws.Bool(true),
					Key:                    map[string]types.AttributeValue{"pk": values["pk"], "sk": values["sk"]},
					ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
				})
				if err != nil {
					t.Fatal(err)
				}
				// A transaction writes for twice the units of a plain write.
				if computed := store.WriteUnits(0, store.Size(item)) / 2; computed != *put.ConsumedCapacity.CapacityUnits {
					t.Errorf("%s of %d bytes: %v write units computed, %v reported", name, size+d, computed, *put.ConsumedCapacity.CapacityUnits)
				}
				if computed := store.ReadUnits(store.Size(item)); computed != *get.ConsumedCapacity.CapacityUnits {
					t.Errorf("%s of %d bytes: %v read units computed, %v reported", name, size+d, computed, *get.ConsumedCapacity.CapacityUnits)
				}
			}
		}
	}
}
