package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// maxAlarmMetrics is how many metrics CloudWatch lets one alarm add up. An
// alarm cannot search for its metrics, and each metric in it is paid for.
const maxAlarmMetrics = 10

// addAlarms adds what somebody should look at, however rare.
func addAlarms(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, table awsdynamodb.Table, gateway awsapigateway.SpecRestApi) {
	ids := slices.Sorted(maps.Keys(functions))
	for i, some := range slices.Collect(slices.Chunk(ids, maxAlarmMetrics)) {
		var failures []awscloudwatch.IMetric
		for _, id := range some {
			failures = append(failures, metric("AWS/Lambda", "Errors", dimensions{"FunctionName": functions[id].Ref()}))
		}
		addAlarm(stack, fmt.Sprintf("FunctionErrors%d", i+1),
			"A function crashed, ran out of time or memory: "+strings.Join(some, ", "), failures...)
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

	addAlarm(stack, "GatewayErrors", "Callers got answers of 500 and above",
		metric("AWS/ApiGateway", "5XXError", dimensions{
			"ApiName": jsii.String(stackName), "Stage": gateway.DeploymentStage().StageName(),
		}))
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
	awscloudwatch.NewAlarm(stack, jsii.String(id), &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(description),
		Metric:             watched,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		Threshold:          jsii.Number(0),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
}

func alarmPeriod() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(5)) }

type dimensions map[string]*string

// metric counts events.
func metric(namespace, name string, by dimensions) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String(namespace),
		MetricName:    jsii.String(name),
		DimensionsMap: (*map[string]*string)(&by),
		Statistic:     jsii.String("Sum"),
		Period:        alarmPeriod(),
	})
}
