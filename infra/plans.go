package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
)

// plan limits each key that is in it. The gateway holds these limits as well
// as it can, not exactly.
type plan struct {
	name        string
	rate, burst int // requests a second, and at once
	quota       int // requests a period
	period      awsapigateway.Period
}

var plans = []plan{
	{"free", 5, 10, 10_000, awsapigateway.Period_DAY},
	{"standard", 50, 100, 5_000_000, awsapigateway.Period_MONTH},
}

func addPlans(stack awscdk.Stack, gateway awsapigateway.SpecRestApi) {
	for _, p := range plans {
		awsapigateway.NewUsagePlan(stack, jsii.String("Plan-"+p.name), &awsapigateway.UsagePlanProps{
			Name:      jsii.String(stackName + " " + p.name),
			Throttle:  &awsapigateway.ThrottleSettings{RateLimit: jsii.Number(p.rate), BurstLimit: jsii.Number(p.burst)},
			Quota:     &awsapigateway.QuotaSettings{Limit: jsii.Number(p.quota), Period: p.period},
			ApiStages: &[]*awsapigateway.UsagePlanPerApiStage{{Api: gateway, Stage: gateway.DeploymentStage()}},
		})
	}
}
