package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// tracing is the context that turns X-Ray on, as in cdk deploy -c tracing=true.
const tracing = "tracing"

// traceWhereAsked has the gateways and all functions tell X-Ray of requests. It
// is off by default: each trace is paid for.
func traceWhereAsked(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, policies map[string]awsiam.PolicyDocument, gateways []gateway) {
	if asked := stack.Node().TryGetContext(jsii.String(tracing)); asked != true && asked != "true" {
		return
	}
	for _, g := range gateways {
		g.rest.DeploymentStage().Node().DefaultChild().(awsapigateway.CfnStage).SetTracingEnabled(true)
	}
	for id, f := range functions {
		f.AddPropertyOverride(jsii.String("TracingConfig.Mode"), "Active")
		// X-Ray has no resources to name.
		policies[id].AddStatements(allow(jsii.String("*"), "xray:PutTraceSegments", "xray:PutTelemetryRecords"))
	}
}
