package deploy

import (
	"context"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/api"
)

// FunctionErrors is tried on a function that ends as it starts, because it is
// told of no bus. The emulator counts what is invoked past its gateway, and
// looks at its alarms when it is given a metric.
func TestACrashingFunctionThatAnswersNobodyRaisesItsAlarm(t *testing.T) {
	const function = api.Announcer
	path := withoutEnvironment(t, function)
	if err := stack.REST(t.Context(), "lambda", http.MethodPost, path+"/invocations", map[string]any{}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := stack.Query(t.Context(), "monitoring", "2010-08-01", "PutMetricData", map[string]string{
		"Namespace": "Trial", "MetricData.member.1.MetricName": "Trial", "MetricData.member.1.Value": "1",
	}); err != nil {
		t.Fatal(err)
	}
	if state := alarm(t, "FunctionErrors"); state != "ALARM" {
		t.Errorf("the alarm is %s", state)
	}
}

// GatewayErrors is raised by the status: here it is that of a function that ends
// as it starts.
func TestACrashingFunctionIsA5xxToItsCaller(t *testing.T) {
	for _, a := range api.APIs() {
		function := readers[a.Name]
		e := newWorld(t, "standard").event(t, function)
		withoutEnvironment(t, function)
		if answer := call(t, e.Request(t, stack.Address(e.Path))); answer.StatusCode < 500 {
			t.Errorf("%s answers %d %s", function, answer.StatusCode, answer.Body)
		}
	}
}

// withoutEnvironment tells a function nothing until the test ends.
func withoutEnvironment(t *testing.T, function string) (path string) {
	t.Helper()
	path = "/2015-03-31/functions/" + physical(t, function+"Function")
	var was struct{ Environment map[string]any }
	if err := stack.REST(t.Context(), "lambda", http.MethodGet, path+"/configuration", nil, &was); err != nil {
		t.Fatal(err)
	}
	set := func(ctx context.Context, environment map[string]any) error {
		return stack.REST(ctx, "lambda", http.MethodPut, path+"/configuration", map[string]any{"Environment": environment}, nil)
	}
	if err := set(t.Context(), map[string]any{"Variables": map[string]string{}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set(context.Background(), was.Environment); err != nil {
			t.Error(err)
		}
	})
	return path
}

// GatewayErrors is tried on a function that lacks a grant.
func TestTheCauseOfAFailedRequestIsFoundInTheLog(t *testing.T) {
	role := roleOf(t, "getProject")
	whole := policyOf(t, role)
	defer setPolicy(t, role, whole)
	none := policy{whole.Version, slices.DeleteFunc(slices.Clone(whole.Statement), func(s statement) bool {
		return strings.HasPrefix(s.Action[0], "dynamodb:")
	})}
	setPolicy(t, role, none)
	e := newWorld(t, "standard").event(t, "getProject")
	began := time.Now()
	a := call(t, e.Request(t, stack.Address(e.Path)))
	lines := logged(t, `{ $.level = "ERROR" }`, began)
	if a.StatusCode != 503 || !strings.Contains(lines, "AccessDenied") || !strings.Contains(lines, a.MultiValueHeaders["X-Request-Id"][0]) {
		t.Errorf("answers %d %s; the log says %q", a.StatusCode, a.Body, lines)
	}
}

func TestARequestIsFoundInTheLogByItsID(t *testing.T) {
	w := newWorld(t, "standard")
	e := w.event(t, "getProject")
	for _, authorized := range []bool{true, false} { // the first verdict is kept for the second request
		began := time.Now()
		answer := call(t, e.Request(t, stack.Address(e.Path)))
		id := answer.MultiValueHeaders["X-Request-Id"]
		if own := answer.MultiValueHeaders["X-Amzn-Requestid"]; len(id) != 1 || !slices.Equal(id, own) {
			t.Fatalf("we call it %q, the gateway %q", id, own)
		}
		lines := logged(t, `"`+id[0]+`"`, began)
		if !strings.Contains(lines, `"operation":"getProject"`) || strings.Contains(lines, `"msg":"authorize"`) != authorized {
			t.Errorf("the log says %q of %s", lines, id)
		}
	}
}

// alarm is the state of the first alarm of a name.
func alarm(t *testing.T, name string) string {
	t.Helper()
	answer, err := stack.Query(t.Context(), "monitoring", "2010-08-01", "DescribeAlarms", nil)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Alarms []struct{ AlarmName, StateValue string } `xml:"DescribeAlarmsResult>MetricAlarms>member"`
	}
	if err := xml.Unmarshal(answer, &out); err != nil {
		t.Fatal(err)
	}
	for _, a := range out.Alarms {
		if strings.Contains(a.AlarmName, name) {
			return a.StateValue
		}
	}
	t.Fatalf("no alarm is called %s", name)
	return ""
}

// logged are the functions' lines since a moment that a pattern finds.
func logged(t *testing.T, pattern string, since time.Time) string {
	t.Helper()
	var out struct{ Events []struct{ Message string } }
	if err := stack.Target(t.Context(), "logs", "Logs_20140328.FilterLogEvents", map[string]any{
		"logGroupName": physical(t, "FunctionLogs"), "filterPattern": pattern, "startTime": since.UnixMilli(),
	}, &out); err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for _, e := range out.Events {
		lines.WriteString(e.Message + "\n")
	}
	return lines.String()
}

// physical is what the resource became whose logical id is this and a hash.
func physical(t *testing.T, id string) string {
	t.Helper()
	for logical, became := range stack.Physical {
		if strings.HasPrefix(logical, id) && len(logical) == len(id)+8 {
			return became
		}
	}
	t.Fatalf("no resource is called %s", id)
	return ""
}
