package main

import (
	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

const stackName = "Almanac"

// addStack adds everything that serves the endpoints. The functions' code is
// read from dist, where make functions puts it.
func addStack(app awscdk.App, endpoints []api.Endpoint, dist string) error {
	stack := awscdk.NewStack(app, jsii.String(stackName), &awscdk.StackProps{
		Description: jsii.String("Almanac: what services are, how they talk, and how all that was at any past moment"),
		// CloudFormation counts the spaces.
		SuppressTemplateIndentation: jsii.Bool(true),
	})
	table := addTable(stack)
	logs := logGroups{functions: addLogs(stack, "FunctionLogs"), access: addLogs(stack, "AccessLogs")}
	functions, policies, err := addFunctions(stack, table, logs.functions, endpoints, dist)
	if err != nil {
		return err
	}
	gateways := addGateways(stack, logs.access, endpoints)
	letLimit(policies, endpoints, table)
	plans := addPlans(stack, gateways, endpoints)
	letTie(stack, functions, policies, endpoints, plans)
	addEvents(stack, functions, policies, table)
	traceWhereAsked(stack, functions, policies, gateways)
	addAlarms(stack, functions, endpoints, table, gateways, logs)
	addDashboard(stack, table, gateways)
	for _, g := range gateways {
		addOutput(stack, g.titled()+"ApiId", g.rest.RestApiId())
		addOutput(stack, g.titled()+"Url", g.rest.DeploymentStage().UrlForPath(nil))
	}
	if err := addDomainWhereAsked(stack, gateways); err != nil {
		return err
	}
	addOutput(stack, "TableName", table.TableName())
	addOutput(stack, "Plans", jsii.String(planList(plans)))
	return nil
}

func addOutput(stack awscdk.Stack, name string, value *string) {
	awscdk.NewCfnOutput(stack, jsii.String(name), &awscdk.CfnOutputProps{Value: value})
}
