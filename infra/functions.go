package main

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// function is what a Lambda is made from.
type function struct {
	id          string
	description string
	memoryMB    int
	timeout     time.Duration
	actions     []string // on the table
}

// nameOf is the name of a function. It is fixed, so that the gateway and its
// roles can say which functions they mean before these are made.
func nameOf(id string) string { return stackName + "-" + id }

// authorizer reads one key. The gateway gives up on it later than it does.
var authorizer = function{api.Authorizer, "Tells the gateway who calls", 256, 5 * time.Second, []string{"dynamodb:GetItem"}}

func functionOf(e api.Endpoint) function {
	return function{id: e.ID, description: e.Method + " " + e.Path, memoryMB: e.MemoryMB, timeout: e.FunctionTimeout(), actions: grants(e.Access)}
}

// grants are the actions on the table that an endpoint needs. A transaction
// needs the permission of each thing it does.
func grants(access api.Access) []string {
	var actions []string
	for _, g := range []struct {
		access api.Access
		action string
	}{
		{api.MayGet, "dynamodb:GetItem"},
		{api.MayRange, "dynamodb:Query"},
		{api.MayPut, "dynamodb:PutItem"},
		{api.MayDelete, "dynamodb:DeleteItem"},
		{api.MayCheck, "dynamodb:ConditionCheckItem"},
	} {
		if access&g.access != 0 {
			actions = append(actions, g.action)
		}
	}
	return actions
}

// addFunctions adds a function for every endpoint, the authorizer and the
// readers of the stream, by id, each with what its role may do.
func addFunctions(stack awscdk.Stack, table awsdynamodb.Table, logs awslogs.LogGroup, endpoints []api.Endpoint, dist string) (map[string]awslambda.CfnFunction, map[string]awsiam.PolicyDocument, error) {
	wanted := []function{authorizer, announcements.function, maintenance.function}
	for _, e := range endpoints {
		wanted = append(wanted, functionOf(e))
	}
	functions, policies := map[string]awslambda.CfnFunction{}, map[string]awsiam.PolicyDocument{}
	for _, f := range wanted {
		folder := filepath.Join(dist, f.id)
		architecture, err := architectureOf(filepath.Join(folder, "bootstrap"))
		if err != nil {
			return nil, nil, err
		}
		policies[f.id] = awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
			allow(logs.LogGroupArn(), "logs:CreateLogStream", "logs:PutLogEvents"),
		}})
		if len(f.actions) > 0 {
			policies[f.id].AddStatements(allow(table.TableArn(), f.actions...))
		}
		functions[f.id] = f.add(stack, table, logs, policies[f.id], folder, architecture)
	}
	return functions, policies, nil
}

func (f function) add(stack awscdk.Stack, table awsdynamodb.Table, logs awslogs.LogGroup, policy awsiam.PolicyDocument, folder, architecture string) awslambda.CfnFunction {
	scope := constructs.NewConstruct(stack, jsii.String(f.id))
	code := awss3assets.NewAsset(scope, jsii.String("Code"), &awss3assets.AssetProps{Path: jsii.String(folder)})
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		// Inline, because a policy of its own would be one more resource.
		InlinePolicies: &map[string]awsiam.PolicyDocument{"own": policy},
	})
	return awslambda.NewCfnFunction(scope, jsii.String("Function"), &awslambda.CfnFunctionProps{
		FunctionName:  jsii.String(nameOf(f.id)),
		Description:   jsii.String(f.description),
		Runtime:       jsii.String("provided.al2023"),
		Architectures: jsii.Strings(architecture),
		Handler:       jsii.String("bootstrap"),
		Code:          &awslambda.CfnFunction_CodeProperty{S3Bucket: code.S3BucketName(), S3Key: code.S3ObjectKey()},
		MemorySize:    jsii.Number(f.memoryMB),
		Timeout:       jsii.Number(f.timeout.Seconds()),
		Environment: &awslambda.CfnFunction_EnvironmentProperty{Variables: map[string]*string{
			"ALMANAC_TABLE": table.TableName(),
			// Our few roots in place of the system's many, see roots.pem. The
			// folder is part of every Linux and empty in Lambda's.
			"SSL_CERT_FILE": jsii.String("/var/task/roots.pem"),
			"SSL_CERT_DIR":  jsii.String("/srv"),
		}},
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{LogGroup: logs.LogGroupName()},
		Role:          role.RoleArn(),
	})
}

func allow(resource *string, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: &[]*string{resource},
	})
}

// architectureOf reads for which processor a program was built, so that a
// function never gets code that it cannot run.
func architectureOf(program string) (string, error) {
	f, err := elf.Open(program)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is not there: run make functions first", program)
	}
	if err != nil {
		return "", fmt.Errorf("%s is no program for Lambda: run make functions again: %w", program, err)
	}
	defer f.Close()
	switch f.Machine {
	case elf.EM_AARCH64:
		return "arm64", nil
	case elf.EM_X86_64:
		return "x86_64", nil
	}
	return "", fmt.Errorf("%s is built for %s: Lambda runs arm64 and amd64", program, f.Machine)
}
