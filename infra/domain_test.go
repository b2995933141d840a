package main

import (
	"debug/elf"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"almanac/internal/api"

	"github.com/aws/jsii-runtime-go"
)

const exampleCertificate = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

func TestOneDomainLeadsEachPathWholeToTheGatewayOfItsAPI(t *testing.T) {
	endpoints := api.Table()[:1]
	out := t.TempDir()
	app := newApp(&out)
	app.Node().SetContext(jsii.String(domainContext), "api.example.com")
	app.Node().SetContext(jsii.String(certificateContext), exampleCertificate)
	if err := addStack(app, endpoints, placeholders(t, elf.EM_AARCH64, endpoints)); err != nil {
		t.Fatal(err)
	}
	app.Synth(nil)
	tpl := parse(t, readTemplate(t, out))
	if d := tpl.only(t, "AWS::ApiGateway::DomainName").Properties; d.at("RoutingMode").text() != "ROUTING_RULE_ONLY" ||
		d.at("DomainName").text() != "api.example.com" || d.at("RegionalCertificateArn").text() != exampleCertificate || d.at("SecurityPolicy").text() != "TLS_1_2" {
		t.Errorf("the domain is %v", d.value)
	}
	// By priority: what is under /api, then everything else.
	got := map[float64]any{}
	for _, r := range tpl.of("AWS::ApiGatewayV2::RoutingRule") {
		priority, _ := r.Properties.at("Priority").value.(float64)
		got[priority] = []any{r.Properties.at("Conditions").value, r.Properties.at("Actions").value}
	}
	want := map[float64]any{}
	for i, a := range []string{"network", "catalog"} {
		of := api.APIs()[1-i]
		if of.Name != a {
			t.Fatalf("the APIs are %v", api.APIs())
		}
		conditions := []any{}
		if a == "network" {
			conditions = append(conditions, map[string]any{"MatchBasePaths": map[string]any{"AnyOf": []any{"api"}}})
		}
		gateway, _ := tpl.gatewayOf(t, of)
		stage, _ := tpl.stageOf(t, gateway)
		want[float64(i+1)] = []any{conditions, []any{map[string]any{"InvokeApi": map[string]any{
			"ApiId": map[string]any{"Ref": gateway}, "Stage": map[string]any{"Ref": stage}, "StripBasePath": false,
		}}}}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the rules are %v, not %v", got, want)
	}
	if tpl.Outputs["DomainTarget"] == nil || tpl.Outputs["DomainUrl"] == nil {
		t.Errorf("outputs are %v", tpl.Outputs)
	}
	lint(t, filepath.Join(out, stackName+".template.json"))
}

func TestADomainWithoutACertificateIsOneSentence(t *testing.T) {
	for _, given := range []string{domainContext, certificateContext} {
		endpoints := api.Table()[:1]
		out := t.TempDir()
		app := newApp(&out)
		app.Node().SetContext(jsii.String(given), "api.example.com")
		err := addStack(app, endpoints, placeholders(t, elf.EM_AARCH64, endpoints))
		if err == nil || !strings.Contains(err.Error(), "-c domain=NAME and -c certificate=ARN") {
			t.Errorf("%s alone: %v", given, err)
		}
	}
}
