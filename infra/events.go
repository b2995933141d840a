package main

import (
	"time"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// announcer reads the table's stream and never the table.
var announcer = function{id: api.Announcer, description: "Tells the event bus of every write", memoryMB: 256, timeout: time.Minute}

const (
	// announceBatch is how many writes one invocation is given at most.
	announceBatch = 100
	// A write that could not be announced for so long is left to a person. The
	// stream keeps it for as long again, which is when it can still be read.
	announceFor = 12 * time.Hour
	// deadLettersFor is as long as a queue can keep them.
	deadLettersFor = 14 * 24 * time.Hour
)

// written lets through what is new in a timeline's log.
const written = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":[{"suffix":"#LOG"}]}}}}`

// addEvents adds the bus on which every write is announced, and what announces.
func addEvents(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, policies map[string]awsiam.PolicyDocument, table awsdynamodb.Table) {
	bus := awsevents.NewEventBus(stack, jsii.String("Bus"), &awsevents.EventBusProps{
		EventBusName: jsii.String(stackName),
		Description:  jsii.String("Every write to the catalog, see docs/events.md"),
	})
	deadLetters := awssqs.NewQueue(stack, jsii.String("DeadLetters"), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		RetentionPeriod: awscdk.Duration_Hours(jsii.Number(deadLettersFor.Hours())),
	})
	policies[announcer.id].AddStatements(
		allow(table.TableStreamArn(), "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
		allow(bus.EventBusArn(), "events:PutEvents"),
		allow(deadLetters.QueueArn(), "sqs:SendMessage"),
	)
	function := functions[announcer.id]
	function.AddPropertyOverride(jsii.String("Environment.Variables.ALMANAC_BUS"), bus.EventBusName())
	function.AddPropertyOverride(jsii.String("Environment.Variables.ALMANAC_DEAD_LETTERS"), deadLetters.QueueUrl())
	// The writes of a project are in one shard. More than one invocation for a
	// shard at a time would mix them up.
	awslambda.NewCfnEventSourceMapping(stack, jsii.String("Announcements"), &awslambda.CfnEventSourceMappingProps{
		EventSourceArn:             table.TableStreamArn(),
		FunctionName:               function.Ref(),
		StartingPosition:           jsii.String("TRIM_HORIZON"),
		BatchSize:                  jsii.Number(announceBatch),
		ParallelizationFactor:      jsii.Number(1),
		BisectBatchOnFunctionError: jsii.Bool(true),
		MaximumRecordAgeInSeconds:  jsii.Number(announceFor.Seconds()),
		FunctionResponseTypes:      jsii.Strings("ReportBatchItemFailures"),
		FilterCriteria: &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{Filters: &[]any{
			&awslambda.CfnEventSourceMapping_FilterProperty{Pattern: jsii.String(written)},
		}},
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: deadLetters.QueueArn()},
		},
	})

	atMost := func(id, description string, threshold float64, namespace, name string, by dimensions) {
		awscloudwatch.NewAlarm(stack, jsii.String(id), &awscloudwatch.AlarmProps{
			AlarmDescription: jsii.String(description),
			Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String(namespace), MetricName: jsii.String(name), DimensionsMap: (*map[string]*string)(&by),
				Statistic: jsii.String("Maximum"), Period: alarmPeriod(),
			}),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
			Threshold:          jsii.Number(threshold),
			EvaluationPeriods:  jsii.Number(1),
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		})
	}
	atMost("DeadLettersThere", "A write could not be announced; the queue says which", 0,
		"AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions{"QueueName": deadLetters.QueueName()})
	atMost("AnnouncementsLate", "Writes are announced more than five minutes late", float64((5 * time.Minute).Milliseconds()),
		"AWS/Lambda", "IteratorAge", dimensions{"FunctionName": function.Ref()})
	addOutput(stack, "BusName", bus.EventBusName())
	addOutput(stack, "DeadLettersUrl", deadLetters.QueueUrl())
}
