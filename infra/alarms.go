package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// maxAlarmMetrics is how many metrics CloudWatch lets one alarm add up. An
// alarm cannot search for its metrics, and each metric in it is paid for.
const maxAlarmMetrics = 10

// slow is the part of a function's time-out that its slowest requests may take.
const slow = 0.8

// addAlarms adds what somebody should look at, however rare. docs/runbook.md
// says of each what it means and what to do first.
func addAlarms(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, table awsdynamodb.Table, gateways []gateway) {
	ids := slices.Sorted(maps.Keys(functions))
	for i, some := range slices.Collect(slices.Chunk(ids, maxAlarmMetrics)) {
		var failures []awscloudwatch.IMetric
		var durations []string
		timed := map[string]awscloudwatch.IMetric{}
		for n, id := range some {
			name := fmt.Sprintf("m%d", n)
			duration := metric("AWS/Lambda", "Duration", dimensions{"FunctionName": functions[id].Ref()})
			timed[name] = duration.With(&awscloudwatch.MetricOptions{Statistic: jsii.String("p99")})
			durations = append(durations, fmt.Sprintf("%s/%.0f", name, 1000**functions[id].Timeout()))
			failures = append(failures, metric("AWS/Lambda", "Errors", dimensions{"FunctionName": functions[id].Ref()}))
		}
		addAlarm(stack, fmt.Sprintf("FunctionErrors%d", i+1),
			"A function crashed, ran out of time or memory: "+strings.Join(some, ", "), failures...)
		raise(stack, fmt.Sprintf("FunctionsSlow%d", i+1),
			fmt.Sprintf("One request in a hundred takes more than %.0f %% of the time-out: ", 100*slow)+strings.Join(some, ", "), slow,
			awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
				Expression:   jsii.String("MAX([" + strings.Join(durations, ",") + "])"),
				Label:        jsii.String("part of the time-out"),
				UsingMetrics: &timed,
				Period:       alarmPeriod(),
			}))
	}
	// The functions of an account share what there is of concurrency in a
	// region, so it is the region that throttles.
	addAlarm(stack, "FunctionThrottles", "Lambda refused to start more functions in this region",
		metric("AWS/Lambda", "Throttles", nil))

	var refused, failed []awscloudwatch.IMetric
	for _, name := range []string{"ReadThrottleEvents", "WriteThrottleEvents"} {
		refused = append(refused, metric("AWS/DynamoDB", name, dimensions{"TableName": table.TableName()}))
	}
	for _, operation := range []string{"GetItem", "Query", "TransactWriteItems"} {
		failed = append(failed, metric("AWS/DynamoDB", "SystemErrors", dimensions{
			"TableName": table.TableName(), "Operation": jsii.String(operation),
		}))
	}
	addAlarm(stack, "TableThrottles", "The table refused reads or writes because there were too many", refused...)
	addAlarm(stack, "TableErrors", "DynamoDB failed by itself", failed...)

	addAlarm(stack, "GatewayErrors", "Callers got answers of 500 and above", metrics(gateways, "5XXError")...)
}

// addAlarm tells when the sum of metrics over five minutes is not zero. No
// data is no news: nothing was called.
func addAlarm(stack awscdk.Stack, id, description string, metrics ...awscloudwatch.IMetric) {
	watched := metrics[0]
	if len(metrics) > 1 {
		using := map[string]awscloudwatch.IMetric{}
		for i, m := range metrics {
			using[fmt.Sprintf("m%d", i)] = m
		}
		// A sum of a list leaves out who has no data; m0 + m1 would have none.
		watched = awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression:   jsii.String("SUM([" + strings.Join(slices.Sorted(maps.Keys(using)), ",") + "])"),
			Label:        jsii.String(id),
			UsingMetrics: &using,
			Period:       alarmPeriod(),
		})
	}
	raise(stack, id, description, 0, watched)
}

// raise adds an alarm for a metric above a threshold.
func raise(stack awscdk.Stack, id, description string, above float64, watched awscloudwatch.IMetric) {
	awscloudwatch.NewAlarm(stack, jsii.String(id), &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(description),
		Metric:             watched,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		Threshold:          jsii.Number(above),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
}

func alarmPeriod() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(5)) }

type dimensions map[string]*string

// metric counts events.
func metric(namespace, name string, by dimensions) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String(namespace),
		MetricName:    jsii.String(name),
		DimensionsMap: (*map[string]*string)(&by),
		Statistic:     jsii.String("Sum"),
		Period:        alarmPeriod(),
	})
}
