package main

import (
	"strings"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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
		made := awsapigateway.NewUsagePlan(stack, jsii.String("Plan-"+p.name), &awsapigateway.UsagePlanProps{
			Name:      jsii.String(stackName + " " + p.name),
			Throttle:  &awsapigateway.ThrottleSettings{RateLimit: jsii.Number(p.rate), BurstLimit: jsii.Number(p.burst)},
			Quota:     &awsapigateway.QuotaSettings{Limit: jsii.Number(p.quota), Period: p.period},
			ApiStages: &[]*awsapigateway.UsagePlanPerApiStage{{Api: gateway, Stage: gateway.DeploymentStage()}},
		})
		made.Node().DefaultChild().(awsapigateway.CfnUsagePlan).OverrideLogicalId(jsii.String(p.logicalID()))
	}
}

// logicalID is given, so that functions can refer to a plan before it is made.
func (p plan) logicalID() string { return "Plan" + strings.ToUpper(p.name[:1]) + p.name[1:] }

func (p plan) id() *string { return awscdk.Fn_Ref(jsii.String(p.logicalID())) }

// planIDs is what a function is told of the plans: free=ID,standard=ID.
func planIDs() *string {
	var pairs []string
	for _, p := range plans {
		pairs = append(pairs, p.name+"="+*p.id())
	}
	return jsii.String(strings.Join(pairs, ","))
}

// planGrants are what an endpoint needs for what it does to the gateway's keys.
// Their ids are made up by the gateway, so they cannot be named one by one.
func planGrants(stack awscdk.Stack, access api.PlanAccess) (grants []awsiam.PolicyStatement) {
	resource := func(path string) *string {
		return stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("apigateway"), Account: jsii.String(""), Resource: jsii.String(""), ResourceName: jsii.String(path),
		})
	}
	if access != 0 {
		grants = append(grants, allow(resource("apikeys"), "apigateway:GET"))
	}
	if access&api.MayAttach != 0 {
		grants = append(grants, allow(resource("apikeys"), "apigateway:POST"))
		for _, p := range plans {
			grants = append(grants, allow(resource("usageplans/"+*p.id()+"/keys"), "apigateway:POST"))
		}
	}
	if access&api.MayDetach != 0 {
		grants = append(grants, allow(resource("apikeys/*"), "apigateway:DELETE"))
	}
	return grants
}
