package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// said is what a client reads in an error body, of whatever API.
type said struct {
	status     int // 0: the body names none
	code, text string
	wait       int
}

// readError reads a body with the members of its API's errors exactly.
func readError(t *testing.T, api, body string) said {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(body))
	dec.DisallowUnknownFields()
	var c CatalogError
	var n NetworkError
	into := map[string]any{"catalog": &c, "network": &n}[api]
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if api == "catalog" {
		return said{c.Status, c.Code, c.Message, c.RetryAfter}
	}
	if !strings.HasPrefix(body, `{"success":false,`) || n.Meta != meta() {
		t.Errorf("%s is no envelope of an error", body)
	}
	s := said{code: n.Code, text: n.Error}
	if n.Params != nil {
		s.wait = n.Params.RetryAfter
	}
	return s
}

func TestWhatAGatewayAnswersByItselfHasTheBodyOfItsAPI(t *testing.T) {
	codes := []string{
		"bad_request", "unauthorized", "forbidden", "not_found", "rate_limited", "internal_error",
	}
	eachGateway(t, func(t *testing.T, a API, doc parsedGateway) {
		for name, r := range doc.Responses {
			t.Run(name, func(t *testing.T) {
				body := r.Templates["application/json"]
				e := readError(t, a.Name, body)
				if e.text == "" || !slices.Contains(codes, e.code) || e.status != 0 && strconv.Itoa(e.status) != r.StatusCode {
					t.Errorf("status %s with %+v", r.StatusCode, e)
				}
				if strings.Contains(body, "$") {
					t.Error("the body is not a fixed text")
				}
				if r.Parameters["gatewayresponse.header.X-Request-Id"] != "context.requestId" {
					t.Error("names no request")
				}
				wait := r.Parameters["gatewayresponse.header.Retry-After"]
				if limited := e.code == "rate_limited"; limited != (e.wait > 0) || limited && wait != "'"+strconv.Itoa(e.wait)+"'" {
					t.Errorf("Retry-After is %s, in the body %d", wait, e.wait)
				}
			})
		}
		for name, status := range map[string]string{
			"UNAUTHORIZED": "401", "ACCESS_DENIED": "403", "INVALID_API_KEY": "403", "MISSING_AUTHENTICATION_TOKEN": "404",
			"RESOURCE_NOT_FOUND": "404", "REQUEST_TOO_LARGE": "413", "THROTTLED": "429", "QUOTA_EXCEEDED": "429",
			"INTEGRATION_TIMEOUT": "503", "INTEGRATION_FAILURE": "503", "DEFAULT_4XX": "400", "DEFAULT_5XX": "500",
		} {
			if doc.Responses[name].StatusCode != status {
				t.Errorf("%s answers %s, not %s", name, doc.Responses[name].StatusCode, status)
			}
		}
	})
}

func TestAGatewayWordsItsErrorsAsTheLaptopDoes(t *testing.T) {
	eachGateway(t, func(t *testing.T, a API, doc parsedGateway) {
		body := func(name string) string { return doc.Responses[name].Templates["application/json"] }
		if want := answerOfLaptop(http.MethodGet, a.Root+"/nothing").Body.String(); body("RESOURCE_NOT_FOUND") != want {
			t.Errorf("%s, not %s", body("RESOURCE_NOT_FOUND"), want)
		}
		list := slices.IndexFunc(a.Endpoints(Table()), func(e Endpoint) bool { return e.Method == http.MethodGet && !strings.Contains(e.Path, "{") })
		theirs := readError(t, a.Name, answerOfLaptop(http.MethodGet, a.Endpoints(Table())[list].Path).Body.String())
		ours := readError(t, a.Name, body("UNAUTHORIZED"))
		// The gateway cannot tell a missing key from a mistyped one.
		theirs.text, _, _ = strings.Cut(theirs.text, ":")
		if ours != theirs {
			t.Errorf("%+v, not %+v", ours, theirs)
		}
	})
}
