package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

const (
	// stageName begins every path on the gateway's own address. It is not v1,
	// which begins our paths already.
	stageName = "prod"

	// authorizerTTL is how long a revoked key still passes the gateway.
	authorizerTTL = time.Minute

	// Of all callers of an API together, so that none of them can use up the account's.
	stageRate  = 1_000 // requests a second
	stageBurst = 2_000
)

// gateway serves one API of the table, at an address of its own.
type gateway struct {
	api  api.API
	rest awsapigateway.SpecRestApi
}

// titled is what the names of the gateway's parts begin with.
func (g gateway) titled() string { return titled(g.api) }

func titled(a api.API) string { return strings.ToUpper(a.Name[:1]) + a.Name[1:] }

// name is what CloudWatch calls a gateway by.
func name(a api.API) string { return stackName + " " + a.Name }

// addGateways adds a REST API with one stage for each API of the table. Their
// routes are one document each, so they are no resources of the stack. They
// share the functions' roles, the authorizer and the log.
func addGateways(stack awscdk.Stack, access awslogs.LogGroup, endpoints []api.Endpoint) []gateway {
	invokers := addInvokers(stack, endpoints)
	logs := awsapigateway.NewLogGroupLogDestination(access)
	var gateways []gateway
	for _, a := range api.APIs() {
		g := gateway{a, awsapigateway.NewSpecRestApi(stack, jsii.String(titled(a)+"Gateway"), &awsapigateway.SpecRestApiProps{
			RestApiName: jsii.String(name(a)),
			ApiDefinition: awsapigateway.ApiDefinition_FromInline(api.GatewayBody(api.Gateway{
				Name:          name(a),
				API:           a,
				InvocationURI: invocationURI,
				Credentials:   func(operation string) string { return invokers[operation] },
				AuthorizerTTL: authorizerTTL,
			}, endpoints)),
			EndpointTypes:  &[]awsapigateway.EndpointType{awsapigateway.EndpointType_REGIONAL},
			CloudWatchRole: jsii.Bool(false), // one is enough for all
			DeployOptions: &awsapigateway.StageOptions{
				StageName:            jsii.String(stageName),
				ThrottlingRateLimit:  jsii.Number(stageRate),
				ThrottlingBurstLimit: jsii.Number(stageBurst),
				AccessLogDestination: logs,
				AccessLogFormat:      awsapigateway.AccessLogFormat_Custom(jsii.String(accessLogFormat)),
				TracingEnabled:       jsii.Bool(false),
			},
		})}
		g.rest.Node().TryRemoveChild(jsii.String("Endpoint")) // an output under a name that is not ours
		gateways = append(gateways, g)
	}
	letLog(stack, gateways)
	return gateways
}

// letLog gives the account the role that access logs need, which it lends to
// API Gateway once a region. Other APIs may use it by then, so it outlives the
// stack.
func letLog(stack awscdk.Stack, gateways []gateway) {
	role := awsiam.NewRole(stack, jsii.String("LogRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AmazonAPIGatewayPushToCloudWatchLogs")),
		},
	})
	role.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	account := awsapigateway.NewCfnAccount(stack, jsii.String("Account"), &awsapigateway.CfnAccountProps{CloudWatchRoleArn: role.RoleArn()})
	account.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	for _, g := range gateways {
		// An account that never had an API has no such setting.
		account.Node().AddDependency(g.rest.Node().DefaultChild())
		g.rest.DeploymentStage().Node().AddDependency(account)
	}
}

// metrics are one of API Gateway's, of every gateway.
func metrics(gateways []gateway, metricName string) []awscloudwatch.IMetric {
	var all []awscloudwatch.IMetric
	for _, g := range gateways {
		all = append(all, metric("AWS/ApiGateway", metricName, dimensions{
			"ApiName": jsii.String(name(g.api)), "Stage": g.rest.DeploymentStage().StageName(),
		}))
	}
	return all
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
