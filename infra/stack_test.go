package main

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"almanac/internal/api"
)

// stackTemplate is the template of the real table, synthesised once.
func stackTemplate(t *testing.T) template {
	t.Helper()
	once.Do(func() {
		endpoints := api.Table()
		synthesised = synthesise(t, endpoints, placeholders(t, elf.EM_AARCH64, endpoints))
	})
	return parse(t, synthesised)
}

var (
	once        sync.Once
	synthesised []byte
)

// route is what a template says of one route, followed from its integration.
type route struct {
	function   string // logical id
	properties node
	role       resource
	invoked    bool   // by the role with which the gateway comes
	invoker    string // that role's logical id
}

// follow goes from a URI to the function and looks whether a role may invoke it.
func (tpl template) follow(uri, credentials node) route {
	_, arn, _ := strings.Cut(uri.joined(), "/functions/")
	arn, _, _ = strings.Cut(arn, "/")
	_, name, _ := strings.Cut(arn, ":function:")
	id := tpl.named(name)
	r := route{function: id, properties: tpl.Resources[id].Properties, invoker: credentials.target()}
	r.role = tpl.Resources[r.properties.at("Role").target()]
	invoker := tpl.Resources[r.invoker]
	r.invoked = slices.Equal(tpl.actions(invoker)[arn], []string{"lambda:InvokeFunction"}) &&
		invoker.Properties.at("AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service").text() == "apigateway.amazonaws.com"
	return r
}

// named is the logical id of the function with a name of its own.
func (tpl template) named(name string) string {
	for id, f := range tpl.of("AWS::Lambda::Function") {
		if f.Properties.at("FunctionName").text() == name {
			return id
		}
	}
	return ""
}

// gatewayOf is the logical id of the REST API of an API and its document.
func (tpl template) gatewayOf(t *testing.T, a api.API) (id string, body node) {
	t.Helper()
	for id, r := range tpl.of("AWS::ApiGateway::RestApi") {
		if r.Properties.at("Name").text() == name(a) {
			return id, r.Properties.at("Body")
		}
	}
	t.Fatalf("the %s API has no gateway", a.Name)
	return "", node{}
}

func (tpl template) routeOf(t *testing.T, e api.Endpoint) route {
	t.Helper()
	of := api.APIs()[slices.IndexFunc(api.APIs(), func(a api.API) bool { return a.Holds(e.Path) })]
	_, body := tpl.gatewayOf(t, of)
	integration := body.at("paths", e.Path, strings.ToLower(e.Method), "x-amazon-apigateway-integration")
	return tpl.follow(integration.at("uri"), integration.at("credentials"))
}

func (tpl template) authorizer(t *testing.T, a api.API) route {
	t.Helper()
	_, body := tpl.gatewayOf(t, a)
	scheme := body.at("components", "securitySchemes", api.Authorizer, "x-amazon-apigateway-authorizer")
	return tpl.follow(scheme.at("authorizerUri"), scheme.at("authorizerCredentials"))
}

// actions are what a role may do, by the type of resource it may do it to, or
// by the ARN of one that is not of this stack; what holds for some partitions
// only stands under the type and these.
func (tpl template) actions(r resource) map[string][]string {
	allowed := map[string][]string{}
	for _, policy := range r.Properties.at("Policies").list() {
		for _, s := range policy.at("PolicyDocument", "Statement").list() {
			for _, on := range s.at("Resource").list() {
				kind := cmp.Or(tpl.Resources[on.target()].Type, on.joined())
				if keys := s.at("Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys"); keys.value != nil {
					kind += " " + strings.Join(keys.texts(), " ")
				}
				allowed[kind] = append(allowed[kind], s.at("Action").texts()...)
			}
		}
	}
	return allowed
}

func TestEveryEndpointHasRouteFunctionInvokerAndGrantAndNothingElseHas(t *testing.T) {
	tpl := stackTemplate(t)
	functions, roles := tpl.of("AWS::Lambda::Function"), tpl.of("AWS::IAM::Role")
	invoked := 0
	for _, e := range api.Table() {
		t.Run(e.ID, func(t *testing.T) {
			r := tpl.routeOf(t, e)
			if _, ok := functions[r.function]; !ok {
				t.Fatalf("the route leads to %q", r.function)
			}
			delete(functions, r.function)
			delete(roles, r.properties.at("Role").target())
			if r.properties.at("FunctionName").text() != stackName+"-"+e.ID || !r.invoked {
				t.Errorf("is called %s; the gateway may invoke it: %t", r.properties.at("FunctionName").text(), r.invoked)
			}
			invoked++
			table := tpl.actions(r.role)["AWS::DynamoDB::Table"]
			if grant := grants(e.Access); !slices.Equal(table, grant) {
				t.Errorf("may do %v, not %v", table, grant)
			}
			limits := tpl.actions(r.role)["AWS::DynamoDB::Table LIMIT#*"]
			if !slices.Equal(limits, []string{"dynamodb:GetItem", "dynamodb:PutItem"}) {
				t.Errorf("may do %v to the limits", limits)
			}
			if e.Method == http.MethodGet && e.Access&^(api.MayGet|api.MayRange) != 0 {
				t.Error("reads, and may write")
			}
		})
	}
	a := tpl.authorizer(t, api.APIs()[0])
	if got := tpl.actions(a.role)["AWS::DynamoDB::Table"]; !slices.Equal(got, []string{"dynamodb:GetItem"}) {
		t.Errorf("the authorizer may do %v", got)
	}
	for _, of := range api.APIs() {
		if other := tpl.authorizer(t, of); other.function != a.function || !other.invoked {
			t.Errorf("the gateway of the %s API asks %q and may: %t", of.Name, other.function, other.invoked)
		}
	}
	delete(functions, a.function)
	delete(roles, a.properties.at("Role").target())
	for _, id := range []string{api.Announcer, api.Maintainer} {
		r, _ := tpl.reader(t, id)
		delete(functions, r.function)
		delete(roles, r.properties.at("Role").target())
	}
	if len(functions) != 0 {
		t.Errorf("of no endpoint: %v", slices.Collect(maps.Keys(functions)))
	}
	for id := range tpl.of("AWS::Lambda::Permission") {
		t.Errorf("%s is a permission beside the gateway's role", id)
	}
	mayInvoke := 0
	for id, r := range roles {
		if strings.HasPrefix(id, "Invoker") {
			mayInvoke += len(tpl.actions(r))
		}
	}
	if mayInvoke != invoked+1 {
		t.Errorf("the gateways may invoke %d functions for %d endpoints and the authorizer", mayInvoke, invoked)
	}
	for id, r := range roles {
		if got := r.Properties.at("AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service").text(); got != "apigateway.amazonaws.com" {
			t.Errorf("%s is of no endpoint and taken by %s", id, got)
		}
	}
}

func TestNoRoleReachesMoreThanIsNamed(t *testing.T) {
	tpl := stackTemplate(t)
	for id, r := range tpl.of("AWS::IAM::Role") {
		for kind, actions := range tpl.actions(r) {
			switch kind {
			case "AWS::DynamoDB::Table", "AWS::DynamoDB::Table LIMIT#*", "AWS::Events::EventBus", "AWS::SQS::Queue":
			case manageKeys + "/apikeys", manageKeys + "/apikeys/*", tpl.keysOf("free"), tpl.keysOf("standard"):
				// Whose they are is the next test's.
			case tpl.functionARN(kind):
				if !slices.Equal(actions, []string{"lambda:InvokeFunction"}) {
					t.Errorf("%s may do %v to %s", id, actions, kind)
				}
			case "AWS::Logs::LogGroup":
				if !slices.Equal(actions, []string{"logs:CreateLogStream", "logs:PutLogEvents"}) {
					t.Errorf("%s may do %v to logs", id, actions)
				}
			default:
				t.Errorf("%s may do %v to what is not of this stack by name", id, actions)
			}
			for _, action := range actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s may do %s", id, action)
				}
			}
		}
	}
	for id := range tpl.of("AWS::IAM::Policy") {
		t.Errorf("%s is a policy beside the roles", id)
	}
}

// functionARN is the ARN itself if it is that of a function of the stack.
func (tpl template) functionARN(arn string) string {
	const functions = "arn:{AWS::Partition}:lambda:{AWS::Region}:{AWS::AccountId}:function:"
	if name, ok := strings.CutPrefix(arn, functions); ok && tpl.named(name) != "" {
		return arn
	}
	return functions
}

const manageKeys = "arn:{AWS::Partition}:apigateway:{AWS::Region}::"

// keysOf is the ARN of the keys of a plan.
func (tpl template) keysOf(plan string) string {
	for id, p := range tpl.of("AWS::ApiGateway::UsagePlan") {
		if p.Properties.at("UsagePlanName").text() == stackName+" "+plan {
			return manageKeys + "/usageplans/{" + id + "}/keys"
		}
	}
	return "no plan " + plan
}

func TestOnlyTheFunctionsThatTieKeysToPlansReachThemAndKnowThem(t *testing.T) {
	tpl := stackTemplate(t)
	for _, e := range api.Table() {
		t.Run(e.ID, func(t *testing.T) {
			r := tpl.routeOf(t, e)
			got := tpl.actions(r.role)
			maps.DeleteFunc(got, func(on string, _ []string) bool {
				return strings.HasPrefix(on, "AWS::DynamoDB::Table") || on == "AWS::Logs::LogGroup"
			})
			want := map[string][]string{}
			if e.Plans != 0 {
				want[manageKeys+"/apikeys"] = []string{"apigateway:GET"}
			}
			if e.Plans&api.MayDetach != 0 {
				want[manageKeys+"/apikeys/*"] = []string{"apigateway:DELETE"}
			}
			if e.Plans&api.MayAttach != 0 {
				want[manageKeys+"/apikeys"] = []string{"apigateway:GET", "apigateway:POST"}
				want[tpl.keysOf("free")], want[tpl.keysOf("standard")] = []string{"apigateway:POST"}, []string{"apigateway:POST"}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("may do %v, not %v", got, want)
			}
			environment := r.properties.at("Environment", "Variables", "ALMANAC_PLANS")
			if e.Plans == 0 {
				if environment.value != nil {
					t.Errorf("knows the plans: %v", environment.value)
				}
				return
			}
			ids := strings.NewReplacer(manageKeys+"/usageplans/", "", "/keys", "").Replace("free=" + tpl.keysOf("free") + ",standard=" + tpl.keysOf("standard"))
			if got := environment.joined(); got != ids {
				t.Errorf("knows the plans %q, not %q", got, ids)
			}
		})
	}
}

func TestEveryFunctionIsMadeFromItsEntry(t *testing.T) {
	tpl := stackTemplate(t)
	table := slices.Collect(maps.Keys(tpl.of("AWS::DynamoDB::Table")))[0]
	check := func(t *testing.T, r route, memoryMB, seconds float64) {
		p := r.properties
		if p.at("MemorySize").value != memoryMB || p.at("Timeout").value != seconds {
			t.Errorf("has %v MB for %v s", p.at("MemorySize").value, p.at("Timeout").value)
		}
		if p.at("Runtime").text() != "provided.al2023" || p.at("Handler").text() != "bootstrap" || !slices.Equal(p.at("Architectures").texts(), []string{"arm64"}) {
			t.Errorf("is %s %s on %v", p.at("Runtime").text(), p.at("Handler").text(), p.at("Architectures").texts())
		}
		environment := p.at("Environment", "Variables")
		if environment.at("ALMANAC_TABLE").target() != table || environment.at("SSL_CERT_FILE").text() != "/var/task/roots.pem" || environment.at("SSL_CERT_DIR").text() == "" {
			t.Errorf("has the environment %v", environment.value)
		}
		if mode := p.at("TracingConfig", "Mode").text(); mode != "" {
			t.Errorf("is traced: %s", mode)
		}
		if logs := tpl.Resources[p.at("LoggingConfig", "LogGroup").target()]; logs.Type != "AWS::Logs::LogGroup" {
			t.Errorf("logs to %v", p.at("LoggingConfig").value)
		}
	}
	for _, e := range api.Table() {
		t.Run(e.ID, func(t *testing.T) {
			check(t, tpl.routeOf(t, e), float64(e.MemoryMB), e.FunctionTimeout().Seconds())
		})
	}
	for _, reader := range []reader{announcements, maintenance} {
		t.Run(reader.function.id, func(t *testing.T) {
			r, _ := tpl.reader(t, reader.function.id)
			check(t, r, float64(reader.function.memoryMB), reader.function.timeout.Seconds())
		})
	}
	t.Run(api.Authorizer, func(t *testing.T) {
		check(t, tpl.authorizer(t, api.APIs()[0]), float64(authorizer.memoryMB), authorizer.timeout.Seconds())
	})
}

func TestTheTableIsKeptProtectedAndStreamed(t *testing.T) {
	table := stackTemplate(t).only(t, "AWS::DynamoDB::Table")
	if table.DeletionPolicy != "Retain" || table.UpdateReplacePolicy != "Retain" {
		t.Errorf("is deleted: %s, replaced: %s", table.DeletionPolicy, table.UpdateReplacePolicy)
	}
	var want node
	if err := json.Unmarshal([]byte(`{
		"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
		"BillingMode": "PAY_PER_REQUEST",
		"DeletionProtectionEnabled": true,
		"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
		"SSESpecification": {"SSEEnabled": true},
		"StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
		"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true}
	}`), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(table.Properties, want) {
		t.Errorf("is %v", table.Properties.value)
	}
}

func TestEachGatewayLimitsLogsAndAsksTheAuthorizer(t *testing.T) {
	tpl := stackTemplate(t)
	for _, a := range api.APIs() {
		t.Run(a.Name, func(t *testing.T) {
			id, body := tpl.gatewayOf(t, a)
			if ttl := body.at("components", "securitySchemes", api.Authorizer, "x-amazon-apigateway-authorizer", "authorizerResultTtlInSeconds").value; ttl != 60.0 {
				t.Errorf("a verdict is kept for %v s", ttl)
			}
			// The alarm looks for the name that the document gives.
			if title := body.at("info", "title").text(); title != name(a) {
				t.Errorf("the API calls itself %s", title)
			}
			for _, name := range []string{"UNAUTHORIZED", "ACCESS_DENIED", "MISSING_AUTHENTICATION_TOKEN", "THROTTLED", "QUOTA_EXCEEDED", "DEFAULT_4XX", "DEFAULT_5XX"} {
				if body.at("x-amazon-apigateway-gateway-responses", name).value == nil {
					t.Errorf("%s is answered in the gateway's own words", name)
				}
			}
			_, stage := tpl.stageOf(t, id)
			if stage.at("StageName").text() != stageName || stage.at("MethodSettings", 0, "ThrottlingRateLimit").value != float64(stageRate) ||
				stage.at("MethodSettings", 0, "ThrottlingBurstLimit").value != float64(stageBurst) || stage.at("TracingEnabled").value != false {
				t.Errorf("the stage is %v", stage.value)
			}
			if logs := tpl.Resources[stage.at("AccessLogSetting", "DestinationArn").target()]; logs.Type != "AWS::Logs::LogGroup" {
				t.Error("the stage keeps no log of requests")
			}
		})
	}
	// Without it no stage may log. Other APIs of the account may log by it, too.
	account := tpl.only(t, "AWS::ApiGateway::Account")
	role := tpl.Resources[account.Properties.at("CloudWatchRoleArn").target()]
	if account.DeletionPolicy != "Retain" || role.DeletionPolicy != "Retain" ||
		role.Properties.at("ManagedPolicyArns", 0, "Fn::Join", 1, 2).text() != ":iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs" {
		t.Errorf("the account logs by %v", role)
	}
}

// stageOf is the stage of a REST API, by their logical ids.
func (tpl template) stageOf(t *testing.T, gateway string) (id string, stage node) {
	t.Helper()
	for id, r := range tpl.of("AWS::ApiGateway::Stage") {
		if r.Properties.at("RestApiId").target() == gateway {
			return id, r.Properties
		}
	}
	t.Fatalf("%s has no stage", gateway)
	return "", node{}
}

func TestTheAccessLogIsJSONAndNeverHoldsAKey(t *testing.T) {
	var line map[string]string
	if err := json.Unmarshal([]byte(accessLogFormat), &line); err != nil {
		t.Fatal(err)
	}
	for name, variable := range line {
		switch variable {
		case "$context.requestTimeEpoch", "$context.requestId", "$context.httpMethod", "$context.resourcePath", "$context.status",
			"$context.responseLatency", "$context.integrationLatency", "$context.responseLength",
			"$context.identity.apiKeyId", "$context.error.responseType":
		default:
			t.Errorf("%s is %s", name, variable)
		}
	}
}

func TestEveryLogIsKeptForAWhileOnly(t *testing.T) {
	for id, logs := range stackTemplate(t).of("AWS::Logs::LogGroup") {
		if days := logs.Properties.at("RetentionInDays").value; days != 30.0 {
			t.Errorf("%s is kept for %v days", id, days)
		}
	}
}

func TestEachPlanHasThrottleAndQuotaOnAllStages(t *testing.T) {
	tpl := stackTemplate(t)
	found := map[string]node{}
	for _, p := range tpl.of("AWS::ApiGateway::UsagePlan") {
		found[p.Properties.at("UsagePlanName").text()] = p.Properties
	}
	for _, p := range plans {
		properties := found[stackName+" "+p.name]
		delete(found, stackName+" "+p.name)
		rate, burst := api.PlanLimits(p.name)
		if properties.at("Throttle", "RateLimit").value != float64(rate) || properties.at("Throttle", "BurstLimit").value != float64(burst) ||
			properties.at("Quota", "Limit").value != float64(p.quota) || properties.at("Quota", "Period").text() != string(p.period) {
			t.Errorf("%s is %v", p.name, properties.value)
		}
		opens, slowed := map[string]string{}, map[string]any{}
		for _, s := range properties.at("ApiStages").list() {
			opens[s.at("ApiId").target()] = s.at("Stage").target()
			slowed[s.at("ApiId").target()] = s.at("Throttle").value
		}
		for _, a := range api.APIs() {
			gateway, _ := tpl.gatewayOf(t, a)
			if stage, _ := tpl.stageOf(t, gateway); opens[gateway] != stage {
				t.Errorf("%s does not open the %s API: %v", p.name, a.Name, opens)
			}
			var want any // of what holds a function
			for _, e := range a.Endpoints(api.Table()) {
				if e.Streams() {
					want = map[string]any{e.Path + "/" + e.Method: map[string]any{"RateLimit": 1.0, "BurstLimit": 20.0}}
				}
			}
			if !reflect.DeepEqual(slowed[gateway], want) {
				t.Errorf("%s slows down %v of the %s API, not %v", p.name, slowed[gateway], a.Name, want)
			}
		}
	}
	if len(found) != 0 {
		t.Errorf("plans of no name: %v", found)
	}
}

// A function is watched by its own errors, or by those of what answers its callers.
func TestAlarmsWatchEveryFunctionTheTableAndTheGateways(t *testing.T) {
	tpl := stackTemplate(t)
	watched := map[string]bool{}
	paid := 0 // each metric of each alarm is paid for
	for id, alarm := range tpl.of("AWS::CloudWatch::Alarm") {
		p := alarm.Properties
		if p.at("TreatMissingData").text() != "notBreaching" || p.at("AlarmDescription").text() == "" {
			t.Errorf("%s is %v", id, p.value)
		}
		alone := p.at("Namespace").text() + " " + p.at("MetricName").text()
		watched[alone] = true
		metrics := 0
		for _, m := range p.at("Metrics").list() {
			metric := m.at("MetricStat", "Metric")
			if metric.value == nil {
				continue // the expression
			}
			metrics++
			of := metric.at("Dimensions", 0, "Value")
			if function := tpl.Resources[of.target()]; function.Type == "AWS::Lambda::Function" {
				of = function.Properties.at("FunctionName")
			}
			watched[metric.at("Namespace").text()+" "+metric.at("MetricName").text()] = true
			watched[metric.at("MetricName").text()+" of "+of.text()] = true
		}
		paid += max(1, metrics)
		if metrics > 10 {
			t.Errorf("%s adds up %d metrics, where CloudWatch takes ten", id, metrics)
		}
	}
	t.Logf("%d metrics of %d functions and all else are watched", paid, len(tpl.of("AWS::Lambda::Function")))
	for _, e := range api.Table() {
		if e.Streams() && !watched["Errors of "+nameOf(e.ID)] {
			t.Errorf("%s may fail unseen once it answers", e.ID)
		}
	}
	for _, id := range []string{api.Announcer, api.Maintainer} {
		if !watched["Errors of "+nameOf(id)] || !watched["Duration of "+nameOf(id)] {
			t.Errorf("%s may fail unseen", id)
		}
	}
	// A caller without a key is an error of it, too: what fails is the request.
	if watched["Errors of "+nameOf(api.Authorizer)] || !watched["Duration of "+nameOf(api.Authorizer)] {
		t.Error("the authorizer is watched by its refusals")
	}
	for _, a := range api.APIs() {
		if !watched["5XXError of "+name(a)] {
			t.Errorf("the %s API may fail unseen", a.Name)
		}
	}
	for _, metric := range []string{
		"AWS/Lambda Throttles", "AWS/DynamoDB ReadThrottleEvents", "AWS/DynamoDB WriteThrottleEvents", "AWS/DynamoDB SystemErrors",
		"Almanac FailedRequests", "Almanac SlowRequests",
	} {
		if !watched[metric] {
			t.Errorf("%s is not watched", metric)
		}
	}
}

func TestFailedAndSlowRequestsAreCountedInTheLogsThatTellOfThem(t *testing.T) {
	tpl := stackTemplate(t)
	_, body := tpl.stageOf(t, func() string { id, _ := tpl.gatewayOf(t, api.APIs()[0]); return id }())
	access := body.at("AccessLogSetting", "DestinationArn").target()
	functions := tpl.routeOf(t, api.Table()[0]).properties.at("LoggingConfig", "LogGroup").target()
	got := map[string][]string{} // by pattern
	for _, f := range tpl.of("AWS::Logs::MetricFilter") {
		p := f.Properties
		if m := p.at("MetricTransformations", 0); m.at("MetricNamespace").text() != stackName || m.at("MetricValue").text() != "1" || m.at("DefaultValue").value != nil {
			t.Errorf("counts by %v", m.value)
		}
		got[p.at("FilterPattern").text()] = []string{p.at("MetricTransformations", 0, "MetricName").text(), p.at("LogGroupName").target()}
	}
	want := map[string][]string{
		`{ $.status = "5*" }`:                         {"FailedRequests", access},
		`{ ($.level = "ERROR") && ($.status < 500) }`: {"FailedRequests", functions},
		`{ $.slow IS TRUE }`:                          {"SlowRequests", functions},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("counted are %v, not %v", got, want)
	}
}

func TestTheStackTellsTheAddressOfEachAPIAndTheTable(t *testing.T) {
	outputs := slices.Sorted(maps.Keys(stackTemplate(t).Outputs))
	if !slices.Equal(outputs, []string{"BusName", "CatalogApiId", "CatalogUrl", "DeadLettersUrl", "NetworkApiId", "NetworkUrl", "Plans", "TableName"}) {
		t.Errorf("outputs are %v", outputs)
	}
}

// grown is the table with as many endpoints as are wanted.
func grown(n int) []api.Endpoint {
	var endpoints []api.Endpoint
	for i := 0; len(endpoints) < n; i++ {
		for _, e := range api.Table() {
			e.ID = fmt.Sprintf("%s%d", e.ID, i)
			e.Path = fmt.Sprintf("%s/copy%d", e.Path, i)
			endpoints = append(endpoints, e)
		}
	}
	return endpoints[:n]
}

func TestAHundredEndpointsFitInOneStackAndAHalfMoreToo(t *testing.T) {
	now := stackTemplate(t)
	t.Logf("%d endpoints: %d resources, %d bytes", len(api.Table()), len(now.Resources), len(synthesised))
	for _, c := range []struct{ endpoints, maxResources, maxBytes int }{
		// CloudFormation takes 500 resources in 1,000,000 bytes.
		{100, 250, 500_000},
		{150, 350, 750_000},
	} {
		endpoints := grown(c.endpoints)
		data := synthesise(t, endpoints, placeholders(t, elf.EM_AARCH64, endpoints))
		then := parse(t, data)
		longest := 0
		for id, r := range then.of("AWS::IAM::Role") {
			size := r.policySize(t)
			longest = max(longest, size)
			if size > maxPolicies {
				t.Errorf("what %s may do takes %d characters", id, size)
			}
		}
		t.Logf("%d endpoints: %d resources, %d bytes; the longest policy has %d characters", c.endpoints, len(then.Resources), len(data), longest)
		if len(then.Resources) > c.maxResources || len(data) > c.maxBytes {
			t.Errorf("%d endpoints make %d resources in %d bytes", c.endpoints, len(then.Resources), len(data))
		}
	}
}

// maxPolicies is how many characters the inline policies of a role may have.
const maxPolicies = 10_240

// policySize is the length of a role's policies in the region and partition
// with the longest names.
func (r resource) policySize(t *testing.T) int {
	size := 0
	for _, policy := range r.Properties.at("Policies").list() {
		document := string(mustJSON(t, policy.at("PolicyDocument")))
		document = regexp.MustCompile(`{"Fn::Join":\["",\[(.*?)\]\]}`).ReplaceAllStringFunc(document, func(join string) string {
			return strings.NewReplacer(`{"Fn::Join":["",[`, "", `]]}`, "", `","`, "", `",{"Ref":"AWS::Partition"},"`, "aws-us-gov",
				`",{"Ref":"AWS::Region"},"`, "ap-southeast-1", `",{"Ref":"AWS::AccountId"},"`, "123456789012").Replace(join)
		})
		size += len(document)
	}
	return size
}

func TestTheSameTableMakesTheSameTemplate(t *testing.T) {
	stackTemplate(t)
	endpoints := api.Table()
	if again := synthesise(t, endpoints, placeholders(t, elf.EM_AARCH64, endpoints)); !bytes.Equal(again, synthesised) {
		t.Error("a second synthesis has other bytes")
	}
}

func TestFunctionsRunOnTheProcessorTheyWereBuiltFor(t *testing.T) {
	endpoints := api.Table()[:1]
	tpl := parse(t, synthesise(t, endpoints, placeholders(t, elf.EM_X86_64, endpoints)))
	if got := tpl.routeOf(t, endpoints[0]).properties.at("Architectures").texts(); !slices.Equal(got, []string{"x86_64"}) {
		t.Errorf("run on %v", got)
	}
}

func TestMissingCodeIsOneSentence(t *testing.T) {
	out := t.TempDir()
	err := addStack(newApp(&out), api.Table(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "run make functions first") {
		t.Error(err)
	}
}
