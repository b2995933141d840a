package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const logRetention = awslogs.RetentionDays_ONE_MONTH

// logGroups are the two that the stack has.
type logGroups struct {
	functions awslogs.LogGroup // of all, so that a request is found in one place; each line names its operation
	access    awslogs.LogGroup // of both gateways
}

// addLogs adds a log group. It goes with what writes to it.
func addLogs(scope constructs.Construct, id string) awslogs.LogGroup {
	return awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{
		Retention:     logRetention,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}

// accessLogFormat is one JSON line a request. It names the key by the
// gateway's id for it, never by its text, and the path by its template.
const accessLogFormat = `{"time":"$context.requestTimeEpoch","requestId":"$context.requestId",` +
	`"method":"$context.httpMethod","path":"$context.resourcePath","status":"$context.status",` +
	`"latencyMs":"$context.responseLatency","functionLatencyMs":"$context.integrationLatency",` +
	`"bytes":"$context.responseLength","keyId":"$context.identity.apiKeyId","error":"$context.error.responseType"}`
