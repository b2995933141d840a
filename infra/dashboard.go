package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// addDashboard adds one page on which the runbook's first look is taken.
// Functions are found by the stack's name, which theirs begin with, so that a
// new one is on the page by itself.
func addDashboard(stack awscdk.Stack, table awsdynamodb.Table, gateways []gateway) {
	ofGateways := func(names ...string) []awscloudwatch.IMetric {
		var all []awscloudwatch.IMetric
		for _, name := range names {
			all = append(all, metrics(gateways, name)...)
		}
		return all
	}
	inTable := dimensions{"TableName": table.TableName()}
	percentile := func(p string) []awscloudwatch.IMetric {
		var all []awscloudwatch.IMetric
		for i, m := range metrics(gateways, "Latency") {
			all = append(all, m.(awscloudwatch.Metric).With(&awscloudwatch.MetricOptions{
				Statistic: jsii.String(p), Label: jsii.String(gateways[i].api.Name + " " + p),
			}))
		}
		return all
	}
	awscloudwatch.NewDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String(stackName),
		Widgets: &[]*[]awscloudwatch.IWidget{
			{
				graph("Requests", ofGateways("Count")...),
				graph("Refused and failed", ofGateways("4XXError", "5XXError")...),
				graph("Latency, ms", append(percentile("p50"), percentile("p99")...)...),
			},
			{
				graph("Errors of functions", ofFunctions("Errors", "Sum")),
				graph("Duration of functions, p99, ms", ofFunctions("Duration", "p99")),
				graph("Functions at once", ofFunctions("ConcurrentExecutions", "Maximum")),
			},
			{
				graph("Units of the table", metric("AWS/DynamoDB", "ConsumedReadCapacityUnits", inTable), metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", inTable)),
				graph("Throttles of the table", metric("AWS/DynamoDB", "ReadThrottleEvents", inTable), metric("AWS/DynamoDB", "WriteThrottleEvents", inTable)),
				graph("Conflicts of writers", metric("AWS/DynamoDB", "TransactionConflict", inTable)),
			},
		},
	})
}

func graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Left: &metrics, Width: jsii.Number(8),
	})
}

// ofFunctions finds a metric of all functions of the stack.
func ofFunctions(name, statistic string) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("SEARCH('{AWS/Lambda,FunctionName} MetricName=\"" + name + "\" FunctionName=\"" + stackName + "\"', '" + statistic + "', 300)"),
		Label:      jsii.String(""),
		Period:     alarmPeriod(),
	})
}
