package main

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"
)

// The contexts that give all APIs one address, as in
//
//	cdk deploy -c domain=api.example.com -c certificate=arn:aws:acm:…
//
// The certificate is of the stack's region and names the domain.
const (
	domainContext      = "domain"
	certificateContext = "certificate"
)

// addDomainWhereAsked puts one domain before all gateways. It passes paths on
// whole, as a mapping of base paths would not: a gateway's paths begin with what
// chose it.
func addDomainWhereAsked(stack awscdk.Stack, gateways []gateway) error {
	name, _ := stack.Node().TryGetContext(jsii.String(domainContext)).(string)
	certificate, _ := stack.Node().TryGetContext(jsii.String(certificateContext)).(string)
	if name == "" && certificate == "" {
		return nil
	}
	if name == "" || certificate == "" {
		return errors.New("a domain needs -c domain=NAME and -c certificate=ARN, a certificate of AWS Certificate Manager in the stack's region")
	}
	domain := awsapigateway.NewCfnDomainName(stack, jsii.String("Domain"), &awsapigateway.CfnDomainNameProps{
		DomainName:             jsii.String(name),
		RegionalCertificateArn: jsii.String(certificate),
		EndpointConfiguration:  &awsapigateway.CfnDomainName_EndpointConfigurationProperty{Types: jsii.Strings("REGIONAL")},
		SecurityPolicy:         jsii.String("TLS_1_2"),
		RoutingMode:            jsii.String("ROUTING_RULE_ONLY"),
	})
	for i, g := range gateways {
		conditions := []any{} // whatever is of no API is the first one's to refuse
		if i > 0 {
			conditions = append(conditions, &awsapigatewayv2.CfnRoutingRule_ConditionProperty{
				MatchBasePaths: &awsapigatewayv2.CfnRoutingRule_MatchBasePathsProperty{AnyOf: jsii.Strings(g.api.Root[1:])},
			})
		}
		awsapigatewayv2.NewCfnRoutingRule(stack, jsii.String(g.titled()+"Rule"), &awsapigatewayv2.CfnRoutingRuleProps{
			DomainNameArn: domain.AttrDomainNameArn(),
			Priority:      jsii.Number(len(gateways) - i), // the lowest is looked at first
			Conditions:    conditions,
			Actions: []any{&awsapigatewayv2.CfnRoutingRule_ActionProperty{
				InvokeApi: &awsapigatewayv2.CfnRoutingRule_ActionInvokeApiProperty{
					ApiId: g.rest.RestApiId(), Stage: g.rest.DeploymentStage().StageName(), StripBasePath: jsii.Bool(false),
				},
			}},
		})
	}
	addOutput(stack, "DomainTarget", domain.AttrRegionalDomainName())
	addOutput(stack, "DomainUrl", jsii.String("https://"+name+"/"))
	return nil
}
