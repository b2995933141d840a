package main

import (
	"fmt"
	"strings"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// plan limits each key that is in it. The gateway holds these limits as well
// as it can, not exactly.
type plan struct {
	name   string
	quota  int // requests a period
	period awsapigateway.Period
}

var plans = []plan{
	{"free", 10_000, awsapigateway.Period_DAY},
	{"standard", 5_000_000, awsapigateway.Period_MONTH},
}

// Of a key, to each endpoint that streams or waits: that holds a function for
// as long as it lasts, and an account has 1,000 of them at a time where it has
// asked for no more. A key holds followBurst + followRate · api.StreamTime, 80.
const (
	followRate  = 1 // requests a second
	followBurst = 20
)

// addPlans gives the ids of the plans in their order. Each is of all gateways,
// and counts the requests of a key to all of them together.
func addPlans(stack awscdk.Stack, gateways []gateway, endpoints []api.Endpoint) []*string {
	var stages []*awsapigateway.UsagePlanPerApiStage
	for _, g := range gateways {
		stages = append(stages, &awsapigateway.UsagePlanPerApiStage{Api: g.rest, Stage: g.rest.DeploymentStage()})
	}
	var ids []*string
	for _, p := range plans {
		rate, burst := api.PlanLimits(p.name)
		added := awsapigateway.NewUsagePlan(stack, jsii.String("Plan-"+p.name), &awsapigateway.UsagePlanProps{
			Name:      jsii.String(stackName + " " + p.name),
			Throttle:  &awsapigateway.ThrottleSettings{RateLimit: jsii.Number(rate), BurstLimit: jsii.Number(burst)},
			Quota:     &awsapigateway.QuotaSettings{Limit: jsii.Number(p.quota), Period: p.period},
			ApiStages: &stages,
		})
		// CDK's own property wants methods, which an API that is one document has not.
		own := added.Node().DefaultChild().(awsapigateway.CfnUsagePlan)
		for i, g := range gateways {
			own.AddPropertyOverride(jsii.String(fmt.Sprintf("ApiStages.%d.Throttle", i)), followed(g.api.Endpoints(endpoints)))
		}
		ids = append(ids, added.UsagePlanId())
	}
	return ids
}

// followed are the limits of those endpoints that hold a function, by path and method.
func followed(endpoints []api.Endpoint) map[string]any {
	throttle := map[string]any{}
	for _, e := range endpoints {
		if e.Streams() {
			throttle[e.Path+"/"+e.Method] = map[string]any{"RateLimit": followRate, "BurstLimit": followBurst}
		}
	}
	return throttle
}

// planList names the plans and their ids as the program reads them.
func planList(ids []*string) string {
	var all []string
	for i, p := range plans {
		all = append(all, p.name+"="+*ids[i])
	}
	return strings.Join(all, ",")
}

// letTie lets the functions that make and delete keys tie them to the plans.
// The gateway's own keys have ids that it makes up, so they cannot be named.
func letTie(stack awscdk.Stack, functions map[string]awslambda.CfnFunction, policies map[string]awsiam.PolicyDocument, endpoints []api.Endpoint, planIDs []*string) {
	manage := func(path string) *string {
		return stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("apigateway"), Account: jsii.String(""), Resource: jsii.String(path)})
	}
	for _, e := range endpoints {
		if e.Plans == 0 {
			continue
		}
		policy := policies[e.ID]
		policy.AddStatements(allow(manage("/apikeys"), "apigateway:GET"))
		if e.Plans&api.MayDetach != 0 {
			policy.AddStatements(allow(manage("/apikeys/*"), "apigateway:DELETE"))
		}
		if e.Plans&api.MayAttach != 0 {
			policy.AddStatements(allow(manage("/apikeys"), "apigateway:POST"))
			for _, id := range planIDs {
				policy.AddStatements(allow(manage("/usageplans/"+*id+"/keys"), "apigateway:POST"))
			}
		}
		functions[e.ID].AddPropertyOverride(jsii.String("Environment.Variables.ALMANAC_PLANS"), planList(planIDs))
	}
}
