package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

// announcer follows the stream's mapping to its function.
func (tpl template) announcer(t *testing.T) route {
	t.Helper()
	r := route{function: tpl.only(t, "AWS::Lambda::EventSourceMapping").Properties.at("FunctionName").target()}
	r.properties = tpl.Resources[r.function].Properties
	r.role = tpl.Resources[r.properties.at("Role").target()]
	return r
}

func TestTheStreamIsReadInOrderAgainAndAgainAndNeverForGood(t *testing.T) {
	tpl := stackTemplate(t)
	mapping := tpl.only(t, "AWS::Lambda::EventSourceMapping").Properties
	if source := mapping.at("EventSourceArn", "Fn::GetAtt"); tpl.Resources[source.at(0).text()].Type != "AWS::DynamoDB::Table" || source.at(1).text() != "StreamArn" {
		t.Errorf("reads %v", source.value)
	}
	for name, want := range map[string]any{
		"StartingPosition": "TRIM_HORIZON", "BatchSize": 100.0, "ParallelizationFactor": 1.0,
		"BisectBatchOnFunctionError": true, "MaximumRecordAgeInSeconds": 43200.0, "MaximumRetryAttempts": nil,
		"FunctionResponseTypes": []any{"ReportBatchItemFailures"},
	} {
		if got := mapping.at(name).value; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	if queue := tpl.Resources[mapping.at("DestinationConfig", "OnFailure", "Destination").target()]; queue.Type != "AWS::SQS::Queue" {
		t.Error("what cannot be announced goes nowhere")
	}
	var pattern, want any
	if err := json.Unmarshal([]byte(mapping.at("FilterCriteria", "Filters", 0, "Pattern").text()), &pattern); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"suffix": "#LOG"}]}}}}`), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(pattern, want) {
		t.Errorf("lets through %v", pattern)
	}
}

func TestTheAnnouncerMayReadTheStreamSendAndBuryAndNothingElse(t *testing.T) {
	tpl := stackTemplate(t)
	r := tpl.announcer(t)
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
