package main

import (
	"regexp"
	"time"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

const (
	// stageName begins every path on the gateway's own address. It is not v1,
	// which begins our paths already.
	stageName = "prod"

	// authorizerTTL is how long a revoked key still passes the gateway.
	authorizerTTL = time.Minute

	// Of all callers together, so that none of them can use up the account's.
	stageRate  = 1_000 // requests a second
	stageBurst = 2_000
)

// addGateway adds the REST API with one stage. Its routes are one document, so
// they are no resources of the stack.
func addGateway(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, endpoints []api.Endpoint) awsapigateway.SpecRestApi {
	gateway := awsapigateway.NewSpecRestApi(stack, jsii.String("Gateway"), &awsapigateway.SpecRestApiProps{
		RestApiName: jsii.String(stackName),
		ApiDefinition: awsapigateway.ApiDefinition_FromInline(api.GatewayBody(api.Gateway{
			Name:          stackName,
			InvocationURI: func(operation string) string { return invocationURI(functions[operation]) },
			AuthorizerTTL: authorizerTTL,
		}, endpoints)),
		EndpointTypes: &[]awsapigateway.EndpointType{awsapigateway.EndpointType_REGIONAL},
		// Access logs need a role that the account, once a region, lends to API
		// Gateway. Other APIs may use it by then, so it outlives the stack.
		CloudWatchRole:              jsii.Bool(true),
		CloudWatchRoleRemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		DeployOptions: &awsapigateway.StageOptions{
			StageName:            jsii.String(stageName),
			ThrottlingRateLimit:  jsii.Number(stageRate),
			ThrottlingBurstLimit: jsii.Number(stageBurst),
			AccessLogDestination: awsapigateway.NewLogGroupLogDestination(addLogs(stack, "AccessLogs")),
			AccessLogFormat:      awsapigateway.AccessLogFormat_Custom(jsii.String(accessLogFormat)),
			TracingEnabled:       jsii.Bool(false),
		},
	})
	gateway.Node().TryRemoveChild(jsii.String("Endpoint")) // an output under a name that is not ours
	for _, e := range endpoints {
		mayInvoke(functions[e.ID], gateway.ArnForExecuteApi(jsii.String(e.Method), jsii.String(anyOf(e.Path)), jsii.String(stageName)))
	}
	// The gateway makes up the authorizer's id, so it cannot be named here.
	mayInvoke(functions[api.Authorizer], stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("execute-api"), Resource: gateway.RestApiId(), ResourceName: jsii.String("authorizers/*"),
	}))
	return gateway
}

func invocationURI(f awslambda.CfnFunction) string {
	arn := *f.AttrArn()
	if name := f.FunctionName(); name != nil { // not to depend on what depends on the gateway
		arn = "arn:" + *awscdk.Aws_PARTITION() + ":lambda:" + *awscdk.Aws_REGION() + ":" + *awscdk.Aws_ACCOUNT_ID() + ":function:" + *name
	}
	return "arn:" + *awscdk.Aws_PARTITION() + ":apigateway:" + *awscdk.Aws_REGION() +
		":lambda:path/2015-03-31/functions/" + arn + "/invocations"
}

var parameter = regexp.MustCompile(`{[^}]+}`)

// anyOf is the path of a route with whatever its parameters may be.
func anyOf(path string) string { return parameter.ReplaceAllString(path, "*") }

func mayInvoke(f awslambda.CfnFunction, route *string) {
	awslambda.NewCfnPermission(f, jsii.String("Permission"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: f.AttrArn(),
		Principal:    jsii.String("apigateway.amazonaws.com"),
		SourceArn:    route,
	})
}
