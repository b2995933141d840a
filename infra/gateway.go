package main

import (
	"fmt"
	"slices"
	"time"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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
func addGateway(stack awscdk.Stack, endpoints []api.Endpoint) awsapigateway.SpecRestApi {
	invokers := addInvokers(stack, endpoints)
	gateway := awsapigateway.NewSpecRestApi(stack, jsii.String("Gateway"), &awsapigateway.SpecRestApiProps{
		RestApiName: jsii.String(stackName),
		ApiDefinition: awsapigateway.ApiDefinition_FromInline(api.GatewayBody(api.Gateway{
			Name:          stackName,
			InvocationURI: invocationURI,
			Credentials:   func(operation string) string { return invokers[operation] },
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
	return gateway
}

// invocationURI is where API Gateway reaches the function of an operation: a
// call of Lambda's API, which has one for whole answers and one for streams.
func invocationURI(operation string, streamed bool) string {
	version, call := "2015-03-31", "invocations"
	if streamed {
		version, call = "2021-11-15", "response-streaming-invocations"
	}
	return "arn:" + *awscdk.Aws_PARTITION() + ":apigateway:" + *awscdk.Aws_REGION() +
		":lambda:path/" + version + "/functions/" + functionARN(operation) + "/" + call
}

func functionARN(id string) string {
	return "arn:" + *awscdk.Aws_PARTITION() + ":lambda:" + *awscdk.Aws_REGION() + ":" + *awscdk.Aws_ACCOUNT_ID() + ":function:" + nameOf(id)
}

// maxInvoked is how many functions one role may invoke: what a role may do is
// told in 10,240 characters at most.
const maxInvoked = 100

// addInvokers adds the roles with which the gateway invokes functions, by
// operation. A permission of each function would be one more resource each.
func addInvokers(stack awscdk.Stack, endpoints []api.Endpoint) map[string]string {
	ids := []string{api.Authorizer}
	for _, e := range endpoints {
		ids = append(ids, e.ID)
	}
	roles := map[string]string{}
	for some := range slices.Chunk(ids, maxInvoked) {
		statement := awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("lambda:InvokeFunction")})
		role := awsiam.NewRole(stack, jsii.String(fmt.Sprintf("Invoker%d", len(roles)/maxInvoked+1)), &awsiam.RoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
			InlinePolicies: &map[string]awsiam.PolicyDocument{"own": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
				Statements: &[]awsiam.PolicyStatement{statement},
			})},
		})
		for _, id := range some {
			statement.AddResources(jsii.String(functionARN(id)))
			roles[id] = *role.RoleArn()
		}
	}
	return roles
}
