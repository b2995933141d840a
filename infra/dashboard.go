package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// addDashboard adds one page on which the runbook's first look is taken.
// Functions are found by the stack's name, which theirs begin with, so that a
// new one is on the page by itself.
func addDashboard(stack awscdk.Stack, table awsdynamodb.Table, gateway awsapigateway.SpecRestApi) {
	api := dimensions{"ApiName": jsii.String(stackName), "Stage": gateway.DeploymentStage().StageName()}
	inTable := dimensions{"TableName": table.TableName()}
	percentile := func(m awscloudwatch.Metric, p string) awscloudwatch.IMetric {
		return m.With(&awscloudwatch.MetricOptions{Statistic: jsii.String(p), Label: jsii.String(p)})
	}
	latency := metric("AWS/ApiGateway", "Latency", api)
	awscloudwatch.NewDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String(stackName),
		Widgets: &[]*[]awscloudwatch.IWidget{
			{
				graph("Requests", metric("AWS/ApiGateway", "Count", api)),
				graph("Refused and failed", metric("AWS/ApiGateway", "4XXError", api), metric("AWS/ApiGateway", "5XXError", api)),
				graph("Latency, ms", percentile(latency, "p50"), percentile(latency, "p99")),
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
