package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"almanac/internal/api"
)

// reader follows a mapping of the stream to its function.
func (tpl template) reader(t *testing.T, id string) (r route, mapping node) {
	t.Helper()
	for _, m := range tpl.of("AWS::Lambda::EventSourceMapping") {
		function := m.Properties.at("FunctionName").target()
		if tpl.Resources[function].Properties.at("FunctionName").text() == nameOf(id) {
			r = route{function: function, properties: tpl.Resources[function].Properties}
			r.role = tpl.Resources[r.properties.at("Role").target()]
			return r, m.Properties
		}
	}
	t.Fatalf("the stream does not bring anything to %s", id)
	return r, mapping
}

func TestTheStreamIsReadInOrderAgainAndAgainAndNeverForGood(t *testing.T) {
	tpl := stackTemplate(t)
	if n := len(tpl.of("AWS::Lambda::EventSourceMapping")); n != 2 {
		t.Errorf("a stream serves two readers well, and has %d", n)
	}
	for id, want := range map[string]map[string]any{
		api.Announcer:  {"BatchSize": 100.0, "MaximumBatchingWindowInSeconds": nil, "MaximumRecordAgeInSeconds": 43200.0},
		api.Maintainer: {"BatchSize": 1000.0, "MaximumBatchingWindowInSeconds": 30.0, "MaximumRecordAgeInSeconds": 3600.0},
	} {
		t.Run(id, func(t *testing.T) {
			_, mapping := tpl.reader(t, id)
			if source := mapping.at("EventSourceArn", "Fn::GetAtt"); tpl.Resources[source.at(0).text()].Type != "AWS::DynamoDB::Table" || source.at(1).text() != "StreamArn" {
				t.Errorf("reads %v", source.value)
			}
			maps.Copy(want, map[string]any{
				"StartingPosition": "TRIM_HORIZON", "ParallelizationFactor": 1.0,
				"BisectBatchOnFunctionError": true, "MaximumRetryAttempts": nil,
				"FunctionResponseTypes": []any{"ReportBatchItemFailures"},
			})
			for name, want := range want {
				if got := mapping.at(name).value; !reflect.DeepEqual(got, want) {
					t.Errorf("%s is %v, not %v", name, got, want)
				}
			}
			if queue := tpl.Resources[mapping.at("DestinationConfig", "OnFailure", "Destination").target()]; queue.Type != "AWS::SQS::Queue" {
				t.Error("what cannot be done goes nowhere")
			}
			var pattern, log any
			if err := json.Unmarshal([]byte(mapping.at("FilterCriteria", "Filters", 0, "Pattern").text()), &pattern); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(`{"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"suffix": "#LOG"}]}}}}`), &log); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(pattern, log) {
				t.Errorf("lets through %v", pattern)
			}
		})
	}
}

func TestTheMaintainerMayReadTheStreamAndWriteTheTableAndNothingElse(t *testing.T) {
	tpl := stackTemplate(t)
	r, _ := tpl.reader(t, api.Maintainer)
	want := map[string][]string{
		"AWS::DynamoDB::Table": {
			"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
			"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
		},
		"AWS::SQS::Queue":     {"sqs:SendMessage"},
		"AWS::Logs::LogGroup": {"logs:CreateLogStream", "logs:PutLogEvents"},
	}
	if got := tpl.actions(r.role); !reflect.DeepEqual(got, want) {
		t.Errorf("may do %v", got)
	}
}

func TestTheAnnouncerMayReadTheStreamSendAndBuryAndNothingElse(t *testing.T) {
	tpl := stackTemplate(t)
	r, _ := tpl.reader(t, api.Announcer)
	want := map[string][]string{
		"AWS::DynamoDB::Table":  {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"},
		"AWS::Events::EventBus": {"events:PutEvents"},
		"AWS::SQS::Queue":       {"sqs:SendMessage"},
		"AWS::Logs::LogGroup":   {"logs:CreateLogStream", "logs:PutLogEvents"},
	}
	if got := tpl.actions(r.role); !reflect.DeepEqual(got, want) {
		t.Errorf("may do %v", got)
	}
	for _, policy := range r.role.Properties.at("Policies").list() {
		for _, s := range policy.at("PolicyDocument", "Statement").list() {
			for _, on := range s.at("Resource").list() {
				if tpl.Resources[on.target()].Type == "AWS::DynamoDB::Table" && on.at("Fn::GetAtt", 1).text() != "StreamArn" {
					t.Errorf("may do %v to the table itself", s.at("Action").texts())
				}
			}
		}
	}
	environment := r.properties.at("Environment", "Variables")
	if tpl.Resources[environment.at("ALMANAC_BUS").target()].Type != "AWS::Events::EventBus" || tpl.Resources[environment.at("ALMANAC_DEAD_LETTERS").target()].Type != "AWS::SQS::Queue" {
		t.Errorf("has the environment %v", environment.value)
	}
}

func TestDeadLettersAreEncryptedKeptAndWatchedAndSoIsTheDelay(t *testing.T) {
	tpl := stackTemplate(t)
	queue := tpl.only(t, "AWS::SQS::Queue").Properties
	if queue.at("SqsManagedSseEnabled").value != true || queue.at("MessageRetentionPeriod").value != 1209600.0 {
		t.Errorf("the queue is %v", queue.value)
	}
	type watch struct {
		metric, statistic, of string
		threshold             float64
	}
	var got []watch
	for _, alarm := range tpl.of("AWS::CloudWatch::Alarm") {
		p := alarm.Properties
		if name := p.at("MetricName").text(); name == "IteratorAge" || name == "ApproximateNumberOfMessagesVisible" {
			threshold, _ := p.at("Threshold").value.(float64)
			of := tpl.Resources[p.at("Dimensions", 0, "Value").target()].Type
			got = append(got, watch{name, p.at("Statistic").text(), of, threshold})
			if p.at("ComparisonOperator").text() != "GreaterThanThreshold" {
				t.Errorf("%s alarms when %s", name, p.at("ComparisonOperator").text())
			}
		}
	}
	slices.SortFunc(got, func(a, b watch) int { return int(a.threshold - b.threshold) })
	want := []watch{
		{"ApproximateNumberOfMessagesVisible", "Maximum", "AWS::SQS::Queue", 0},
		{"IteratorAge", "Maximum", "AWS::Lambda::Function", 300_000},
	}
	if !slices.Equal(got, want) {
		t.Errorf("watched are %v", got)
	}
}
