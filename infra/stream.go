package main

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// reader is a function that the table's stream brings every write to. A stream
// has two at most, or they slow each other down.
type reader struct {
	mapping  string // what ties it to the stream
	function function
	batch    int           // writes that one invocation is given at most
	window   time.Duration // for which they are gathered
	trying   time.Duration // after which a write goes to the dead letters
}

// written lets through what is new in a timeline's log.
const written = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":[{"suffix":"#LOG"}]}}}}`

// add ties the reader to the stream. What it says was not done comes again,
// and what came after it, too.
func (r reader) add(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, policies map[string]awsiam.PolicyDocument, table awsdynamodb.Table, deadLetters awssqs.Queue) {
	policies[r.function.id].AddStatements(
		allow(table.TableStreamArn(), "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
		allow(deadLetters.QueueArn(), "sqs:SendMessage"),
	)
	var window *float64
	if r.window > 0 {
		window = jsii.Number(r.window.Seconds())
	}
	awslambda.NewCfnEventSourceMapping(stack, jsii.String(r.mapping), &awslambda.CfnEventSourceMappingProps{
		EventSourceArn:                 table.TableStreamArn(),
		FunctionName:                   functions[r.function.id].Ref(),
		StartingPosition:               jsii.String("TRIM_HORIZON"),
		BatchSize:                      jsii.Number(r.batch),
		MaximumBatchingWindowInSeconds: window,
		// The writes of a project are in one shard. More than one invocation
		// for a shard at a time would mix them up.
		ParallelizationFactor:      jsii.Number(1),
		BisectBatchOnFunctionError: jsii.Bool(true),
		MaximumRecordAgeInSeconds:  jsii.Number(r.trying.Seconds()),
		FunctionResponseTypes:      jsii.Strings("ReportBatchItemFailures"),
		FilterCriteria: &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{Filters: &[]any{
			&awslambda.CfnEventSourceMapping_FilterProperty{Pattern: jsii.String(written)},
		}},
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: deadLetters.QueueArn()},
		},
	})
}
