// Command write begins a new endpoint of the table: it writes its function and
// its golden event, which the tests then hold to what the gateway sends.
//
//	go run ./tests/lambda/golden/write getService '/v1/projects/eshop-sample/services/basket-api?at=2026-01-06T00:00:00Z'
//	go run ./tests/lambda/golden/write createService /v1/projects/eshop-sample/services '{"name":"Loyalty API"}'
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"almanac/internal/api"
	"almanac/tests/lambda/golden"

	"github.com/google/uuid"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "write:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return fmt.Errorf("say which endpoint of the table, the path with query that its event asks for, and the body if it has one, not %q", args)
	}
	for _, e := range api.Table() {
		if e.ID != args[0] {
			continue
		}
		event, err := eventOf(e, args[1], args[2:])
		if err != nil {
			return err
		}
		return write(e, event)
	}
	return fmt.Errorf("the table has no endpoint %q: add it to internal/api/table.go first", args[0])
}

// function is for the method, the path and the name of an endpoint.
const function = `// The Lambda of %s %s.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
)

func main() { lambdahost.Main(api.%s()) }
`

// tying is that of one that ties keys to the gateway's plans.
const tying = `// The Lambda of %s %s.
package main

import (
	"almanac/internal/api"
	"almanac/internal/host/lambdahost"
	"almanac/internal/host/lambdahost/usageplan"
)

func main() { lambdahost.Main(api.%s(), usageplan.Open) }
`

// write leaves a function alone that is there already: it may do more.
func write(e api.Endpoint, event golden.Event) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(event); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join("events", e.ID+".json"), b.Bytes(), 0o644); err != nil {
		return err
	}
	main := filepath.Join("functions", e.ID, "main.go")
	if _, err := os.Stat(main); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(main), 0o755); err != nil {
		return err
	}
	return os.WriteFile(main, mainOf(e), 0o644)
}

func mainOf(e api.Endpoint) []byte {
	template := function
	if e.Plans != 0 {
		template = tying
	}
	return fmt.Appendf(nil, template, e.Method, e.Path, strings.ToUpper(e.ID[:1])+e.ID[1:])
}

const host = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"

// eventOf is what the gateway makes of a request of curl's. What it makes up by
// itself follows from the operation's name, so that it is the same each time.
func eventOf(e api.Endpoint, target string, body []string) (golden.Event, error) {
	u, err := url.Parse(target)
	if err != nil {
		return golden.Event{}, err
	}
	parameters, err := parametersOf(e.Path, u.EscapedPath())
	if err != nil {
		return golden.Event{}, err
	}
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte(e.ID)).String()
	at := time.Date(2026, 1, 7, 9, 0, 0, 0, time.UTC).Add(time.Duration(id[0]) * time.Minute)
	event := golden.Event{
		Resource: e.Path, Path: u.EscapedPath(), HTTPMethod: e.Method, PathParameters: parameters,
		Headers: map[string]string{}, MultiValueHeaders: map[string][]string{},
	}
	headers := map[string]string{
		"Accept": "*/*", "Host": host,
		"User-Agent": "curl/8.5.0", "X-Amzn-Trace-Id": fmt.Sprintf("Root=1-%x-%s", at.Unix(), strings.ReplaceAll(id, "-", "")[:24]),
		"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https",
	}
	if len(body) > 0 {
		headers["Content-Type"] = "application/json"
		event.Body = &body[0]
	}
	for name, value := range headers {
		event.SetHeader(name, value)
	}
	for name, values := range u.Query() {
		event.SetQuery(name, values...)
	}
	identity := map[string]any{"sourceIp": headers["X-Forwarded-For"], "userAgent": headers["User-Agent"]}
	for _, absent := range []string{
		"cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId", "accessKey",
		"cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user",
	} {
		identity[absent] = nil
	}
	event.RequestContext = map[string]any{
		"resourceId": id[:6], "resourcePath": e.Path, "operationName": e.ID, "httpMethod": e.Method,
		"extendedRequestId": strings.ToUpper(id[:8]) + "FiAFjEQ=", "requestId": id,
		"requestTime": at.Format("02/Jan/2006:15:04:05 -0700"), "requestTimeEpoch": at.UnixMilli(),
		"path": "/prod" + event.Path, "protocol": "HTTP/1.1", "stage": "prod", "accountId": "123456789012",
		"apiId": host[:10], "deploymentId": "d4e5f6", "domainName": host, "domainPrefix": host[:10],
		"identity": identity,
	}
	if !e.Public() {
		event.SetHeader("Authorization", "Bearer alm_0000000000000000000000000000000000000000")
		event.RequestContext["authorizer"] = map[string]any{
			"principalId": "k-sample", "workspace": "local", "keyId": "k-sample", "label": "sample", "role": "owner",
			"integrationLatency": 12,
		}
	}
	return event, nil
}

// parametersOf reads the parameters of a path off one of its concrete forms.
func parametersOf(path, concrete string) (map[string]string, error) {
	names, values := strings.Split(path, "/"), strings.Split(concrete, "/")
	parameters := map[string]string{}
	for i, name := range names {
		if len(values) != len(names) {
			break
		}
		if bare := strings.Trim(name, "{}"); bare != name {
			parameters[bare] = values[i]
			names[i] = values[i]
		}
	}
	if strings.Join(names, "/") != concrete {
		return nil, fmt.Errorf("%s is no path of the form %s", concrete, path)
	}
	if len(parameters) == 0 {
		return nil, nil
	}
	return parameters, nil
}
