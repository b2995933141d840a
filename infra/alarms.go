package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// Each metric of an alarm is paid for, and an alarm cannot search for its
// metrics. So the functions that answer requests are not watched one by one:
// whatever fails in one is an answer of 500 and above to its caller, and each
// tells in its own log of answers that broke off and of requests that took
// nearly all of their time.

// failed finds the answers of 500 and above in the gateways' log. API Gateway
// counts an error whose status we changed as one of the caller's:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
const failed = `{ $.status = "5*" }`

// broken finds the lines of answers that failed once they had begun: streams.
const broken = `{ ($.level = "ERROR") && ($.status < 500) }`

// slowRequests finds the lines that internal/api marks.
const slowRequests = `{ $.slow IS TRUE }`

// addAlarms adds what somebody should look at, however rare. docs/runbook.md
// says of each what it means and what to do first.
func addAlarms(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, endpoints []api.Endpoint, table awsdynamodb.Table, gateways []gateway, logs logGroups) {
	unanswering := []string{api.Announcer, api.Maintainer}
	unseen := slices.Clone(unanswering)
	for _, e := range endpoints {
		if e.Streams() {
			unseen = append(unseen, e.ID) // its status is sent before it may crash
		}
	}
	var failures []awscloudwatch.IMetric
	for _, id := range unseen {
		failures = append(failures, metric("AWS/Lambda", "Errors", dimensions{"FunctionName": functions[id].Ref()}))
	}
	addAlarm(stack, "FunctionErrors", "A function whose callers see no error crashed, ran out of memory or time: "+strings.Join(unseen, ", "), failures...)

	var durations []string
	timed := map[string]awscloudwatch.IMetric{}
	for n, id := range append(unanswering, api.Authorizer) {
		name := fmt.Sprintf("m%d", n)
		duration := metric("AWS/Lambda", "Duration", dimensions{"FunctionName": functions[id].Ref()})
		timed[name] = duration.With(&awscloudwatch.MetricOptions{Statistic: jsii.String("p99")})
		durations = append(durations, fmt.Sprintf("%s/%.0f", name, 1000**functions[id].Timeout()))
	}
	raise(stack, "FunctionsSlow",
		fmt.Sprintf("One call in a hundred takes more than %.0f %% of the time-out: ", 100*api.Slow)+strings.Join(append(unanswering, api.Authorizer), ", "), api.Slow,
		awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression:   jsii.String("MAX([" + strings.Join(durations, ",") + "])"),
			Label:        jsii.String("part of the time-out"),
			UsingMetrics: &timed,
			Period:       alarmPeriod(),
		}))
	addAlarm(stack, "RequestsSlow", fmt.Sprintf("A request took more than %.0f %% of the time it may take", 100*api.Slow),
		counted(stack, "SlowRequests", logs.functions, slowRequests))

	// The functions of an account share what there is of concurrency in a
	// region, so it is the region that throttles.
	addAlarm(stack, "FunctionThrottles", "Lambda refused to start more functions in this region",
		metric("AWS/Lambda", "Throttles", nil))

	var refused, failing []awscloudwatch.IMetric
	for _, name := range []string{"ReadThrottleEvents", "WriteThrottleEvents"} {
		refused = append(refused, metric("AWS/DynamoDB", name, dimensions{"TableName": table.TableName()}))
	}
	for _, operation := range []string{"GetItem", "Query", "TransactWriteItems"} {
		failing = append(failing, metric("AWS/DynamoDB", "SystemErrors", dimensions{
			"TableName": table.TableName(), "Operation": jsii.String(operation),
		}))
	}
	addAlarm(stack, "TableThrottles", "The table refused reads or writes because there were too many", refused...)
	addAlarm(stack, "TableErrors", "DynamoDB failed by itself", failing...)

	addFilter(stack, "BrokenAnswers", "FailedRequests", logs.functions, broken)
	addAlarm(stack, "GatewayErrors", "Callers got answers of 500 and above, or answers that broke off", append(metrics(gateways, "5XXError"),
		counted(stack, "FailedRequests", logs.access, failed))...)
}

// counted is how many lines of a log a pattern finds. It costs something in the
// hours in which there are any.
func counted(stack awscdk.Stack, name string, in awslogs.LogGroup, pattern string) awscloudwatch.IMetric {
	addFilter(stack, name, name, in, pattern)
	return metric(stackName, name, nil)
}

// addFilter counts in a metric, which several of them may share.
func addFilter(stack awscdk.Stack, id, metricName string, in awslogs.LogGroup, pattern string) {
	awslogs.NewMetricFilter(stack, jsii.String(id), &awslogs.MetricFilterProps{
		LogGroup:        in,
		FilterPattern:   awslogs.FilterPattern_Literal(jsii.String(pattern)),
		MetricNamespace: jsii.String(stackName),
		MetricName:      jsii.String(metricName),
	})
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
