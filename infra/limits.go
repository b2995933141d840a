package main

import (
	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// letLimit lets the functions of the endpoints keep the limits of keys in the
// table, and nothing beside them: one that reads still cannot write what is read.
func letLimit(policies map[string]awsiam.PolicyDocument, endpoints []api.Endpoint, table awsdynamodb.Table) {
	for _, e := range endpoints {
		statement := allow(table.TableArn(), "dynamodb:GetItem", "dynamodb:PutItem")
		statement.AddCondition(jsii.String("ForAllValues:StringLike"), map[string]any{
			"dynamodb:LeadingKeys": []string{api.LimitPartitions},
		})
		// A request that names no partition would match all of none.
		statement.AddCondition(jsii.String("Null"), map[string]any{"dynamodb:LeadingKeys": "false"})
		policies[e.ID].AddStatements(statement)
	}
}
