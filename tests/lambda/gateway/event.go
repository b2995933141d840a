package gateway

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"almanac/internal/api"
	"almanac/tests/lambda/golden"
)

// What of an API does not matter to its functions.
const (
	domain    = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
	stage     = "prod"
	methodARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/" + stage
)

// eventOf is the event that the gateway makes of a request: payload format 1.0.
// A body is text there: what of it is not UTF-8 was replaced.
func eventOf(x exchange, found match, operation string) (golden.Event, error) {
	body, err := io.ReadAll(x.r.Body)
	if err != nil {
		return golden.Event{}, err
	}
	query, err := url.ParseQuery(x.r.URL.RawQuery)
	if err != nil {
		return golden.Event{}, err
	}
	source, _, _ := net.SplitHostPort(x.r.RemoteAddr)
	path := x.r.URL.EscapedPath()
	now := time.Now()
	e := golden.Event{
		Resource: found.path, Path: path, HTTPMethod: x.r.Method,
		Headers: map[string]string{}, MultiValueHeaders: map[string][]string{},
		PathParameters: found.parameters,
		RequestContext: map[string]any{
			"accountId": "123456789012", "apiId": "a1b2c3d4e5", "domainName": domain, "stage": stage,
			"httpMethod": x.r.Method, "path": "/" + stage + path, "protocol": x.r.Proto,
			"resourcePath": found.path, "operationName": operation,
			"requestId": x.id, "requestTime": now.UTC().Format("02/Jan/2006:15:04:05 -0700"), "requestTimeEpoch": now.UnixMilli(),
			"identity": map[string]any{"sourceIp": source, "userAgent": x.r.UserAgent()},
		},
	}
	headers := maps.Clone(x.r.Header)
	headers.Set("Host", domain)
	headers.Set("X-Forwarded-For", source)
	headers.Set("X-Forwarded-Proto", "https")
	for name, values := range headers {
		e.SetHeader(name, values...)
	}
	for name, values := range query {
		e.SetQuery(name, values...)
	}
	if len(body) > 0 {
		e.SetBody(string(body))
	}
	return e, nil
}

// authorize gives what the authorizer says of the caller, or the gateway's name
// for its refusal.
func (g *restAPI) authorize(x exchange, e golden.Event) (verdict map[string]any, refusal string) {
	if strings.Join(x.r.Header.Values("Authorization"), "") == "" {
		return nil, "UNAUTHORIZED" // it does not ask about nothing
	}
	asked := struct {
		Type      string `json:"type"`
		MethodArn string `json:"methodArn"`
		golden.Event
	}{"REQUEST", methodARN + "/" + x.r.Method + x.r.URL.EscapedPath(), e}
	asked.Body = nil
	payload, err := json.Marshal(asked)
	if err != nil {
		return nil, "DEFAULT_5XX"
	}
	out, err := g.functions.invoke(x.r.Context(), api.Authorizer, payload)
	var said struct {
		ErrorMessage string `json:"errorMessage"`
		PrincipalID  string `json:"principalId"`
		Context      map[string]any
	}
	if err != nil || json.Unmarshal(out.Payload, &said) != nil {
		return nil, "DEFAULT_5XX"
	}
	switch {
	case out.Failed && said.ErrorMessage == "Unauthorized":
		return nil, "UNAUTHORIZED"
	case out.Failed || said.PrincipalID == "":
		return nil, "DEFAULT_5XX"
	}
	verdict = map[string]any{"principalId": said.PrincipalID, "integrationLatency": 12}
	maps.Copy(verdict, said.Context)
	return verdict, ""
}

// deliver answers as a function said, but for what it says later.
func deliver(w http.ResponseWriter, a golden.Answer) {
	for name, values := range a.MultiValueHeaders {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	for name, value := range a.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.StatusCode)
	_, _ = io.WriteString(w, a.Body) // a client that went away
}
