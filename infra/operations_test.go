package main

import (
	"debug/elf"
	"os"
	"regexp"
	"strings"
	"testing"

	"almanac/internal/api"

	"github.com/aws/jsii-runtime-go"
)

func TestTracingIsOneFlag(t *testing.T) {
	endpoints := api.Table()[:2]
	out := t.TempDir()
	app := newApp(&out)
	app.Node().SetContext(jsii.String(tracing), "true")
	if err := addStack(app, endpoints, placeholders(t, elf.EM_AARCH64, endpoints)); err != nil {
		t.Fatal(err)
	}
	app.Synth(nil)
	tpl := parse(t, readTemplate(t, out))
	for id, stage := range tpl.of("AWS::ApiGateway::Stage") {
		if stage.Properties.at("TracingEnabled").value != true {
			t.Errorf("%s does not trace", id)
		}
	}
	for id, f := range tpl.of("AWS::Lambda::Function") {
		role := tpl.Resources[f.Properties.at("Role").target()]
		if f.Properties.at("TracingConfig", "Mode").text() != "Active" || !strings.Contains(string(mustJSON(t, role.Properties)), "xray:PutTraceSegments") {
			t.Errorf("%s does not trace", id)
		}
	}
	for id, r := range stackTemplate(t).of("AWS::IAM::Role") {
		if strings.Contains(string(mustJSON(t, r.Properties)), "xray") {
			t.Errorf("%s may trace by default", id)
		}
	}
}

func TestTheRunbookTellsOfEveryAlarm(t *testing.T) {
	text, err := os.ReadFile("../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	hash := regexp.MustCompile(`\d*[0-9A-F]{8}$`)
	for id := range stackTemplate(t).of("AWS::CloudWatch::Alarm") {
		if name := hash.ReplaceAllString(id, ""); !strings.Contains(string(text), "\n## "+name+"\n") {
			t.Errorf("docs/runbook.md does not tell of %s", name)
		}
	}
}

func TestOneDashboardShowsGatewayFunctionsAndTable(t *testing.T) {
	body := string(mustJSON(t, stackTemplate(t).only(t, "AWS::CloudWatch::Dashboard").Properties))
	for _, part := range []string{name(api.APIs()[0]), name(api.APIs()[1]), "AWS/ApiGateway", "AWS/Lambda", "AWS/DynamoDB", "5XXError", "SEARCH("} {
		if !strings.Contains(body, part) {
			t.Errorf("the dashboard does not show %s", part)
		}
	}
}
