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

var announcements = reader{
	mapping: "Announcements", function: announcer, batch: 100,
	// A write that could not be announced for so long is left to a person. The
	// stream keeps it for as long again, which is when it can still be read.
	trying: 12 * time.Hour,
}

// deadLettersFor is as long as a queue can keep them.
const deadLettersFor = 14 * 24 * time.Hour

// addEvents adds the bus on which every write is announced, and the readers of
// the stream with their dead letters.
func addEvents(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, policies map[string]awsiam.PolicyDocument, table awsdynamodb.Table) {
	bus := awsevents.NewEventBus(stack, jsii.String("Bus"), &awsevents.EventBusProps{
		EventBusName: jsii.String(stackName),
		Description:  jsii.String("Every write to the catalog, see docs/events.md"),
	})
	deadLetters := awssqs.NewQueue(stack, jsii.String("DeadLetters"), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		RetentionPeriod: awscdk.Duration_Hours(jsii.Number(deadLettersFor.Hours())),
	})
	for _, r := range []reader{announcements, maintenance} {
		r.add(stack, functions, policies, table, deadLetters)
	}
	policies[announcer.id].AddStatements(allow(bus.EventBusArn(), "events:PutEvents"))
	function := functions[announcer.id]
	function.AddPropertyOverride(jsii.String("Environment.Variables.ALMANAC_BUS"), bus.EventBusName())
	function.AddPropertyOverride(jsii.String("Environment.Variables.ALMANAC_DEAD_LETTERS"), deadLetters.QueueUrl())

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
	atMost("DeadLettersThere", "A write could not be announced, or its project not be maintained; the queue says which", 0,
		"AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions{"QueueName": deadLetters.QueueName()})
	atMost("AnnouncementsLate", "Writes are announced more than five minutes late", float64((5 * time.Minute).Milliseconds()),
		"AWS/Lambda", "IteratorAge", dimensions{"FunctionName": function.Ref()})
	addOutput(stack, "BusName", bus.EventBusName())
	addOutput(stack, "DeadLettersUrl", deadLetters.QueueUrl())
}
