package lambdahost

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"almanac/internal/api"
	"almanac/internal/store"
)

const requestID = "8a1f7c52-0000-4000-8000-5a6b7c8d9e0f"

// event is GET …/services/basket-api as the gateway would send it.
func event() events.APIGatewayProxyRequest {
	return events.APIGatewayProxyRequest{
		Resource:   "/v1/projects/{projectId}/services/{serviceSlug}",
		Path:       "/v1/projects/eshop-sample/services/basket-api",
		HTTPMethod: http.MethodGet,
		RequestContext: events.APIGatewayProxyRequestContext{
			RequestID:    requestID,
			Stage:        "prod",
			Path:         "/prod/v1/projects/eshop-sample/services/basket-api",
			ResourcePath: "/v1/projects/{projectId}/services/{serviceSlug}",
			DomainName:   "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
			Identity:     events.APIGatewayRequestIdentity{SourceIP: "203.0.113.7"},
			Authorizer:   map[string]any{"workspace": "local", "keyId": "k", "label": "sample", "role": "owner"},
		},
	}
}

// getService is a function over a store and a log.
func getService(s store.Store, log io.Writer) *function {
	return newFunction(api.Config{
		Deps:         api.Deps{Store: s, Now: time.Now, MaxProjects: 1},
		Authenticate: principal,
		Log:          slog.New(slog.NewJSONHandler(log, nil)),
	}, api.GetService())
}

// with puts another handler in a function's place.
func with(h http.HandlerFunc) *function {
	f := getService(nil, io.Discard)
	f.handler = h
	return f
}

func TestAnEventBecomesTheRequestThatWasSent(t *testing.T) {
	header := func(r *http.Request, name string) any { return r.Header.Values(name) }
	for name, c := range map[string]struct {
		change func(*events.APIGatewayProxyRequest)
		read   func(*http.Request) any
		want   any
	}{
		"a repeated query parameter keeps all its values": {
			func(e *events.APIGatewayProxyRequest) {
				e.QueryStringParameters = map[string]string{"at": "last"}
				e.MultiValueQueryStringParameters = map[string][]string{"at": {"first", "last"}}
			},
			func(r *http.Request) any { return r.URL.Query()["at"] }, []string{"first", "last"},
		},
		"a repeated header keeps all its values": {
			func(e *events.APIGatewayProxyRequest) {
				e.Headers = map[string]string{"if-match": `"b"`}
				e.MultiValueHeaders = map[string][]string{"if-match": {`"a"`, `"b"`}}
			},
			func(r *http.Request) any { return header(r, "If-Match") }, []string{`"a"`, `"b"`},
		},
		"a plus sign of a query value stays one": {
			func(e *events.APIGatewayProxyRequest) {
				e.MultiValueQueryStringParameters = map[string][]string{"query": {"a+b & c"}}
			},
			func(r *http.Request) any { return r.URL.Query()["query"] }, []string{"a+b & c"},
		},
		"the space that the gateway makes of a plus sign stays one": {
			func(e *events.APIGatewayProxyRequest) {
				e.MultiValueQueryStringParameters = map[string][]string{"at": {"2026-01-05T13:00:00 01:00"}}
			},
			func(r *http.Request) any { return r.URL.Query()["at"] }, []string{"2026-01-05T13:00:00 01:00"},
		},
		"an empty query value is not an absent one": {
			func(e *events.APIGatewayProxyRequest) {
				e.MultiValueQueryStringParameters = map[string][]string{"at": {""}}
			},
			func(r *http.Request) any { return r.URL.Query()["at"] }, []string{""},
		},
		"a body in base64 is decoded": {
			func(e *events.APIGatewayProxyRequest) {
				e.HTTPMethod, e.IsBase64Encoded = http.MethodPut, true
				e.Body = base64.StdEncoding.EncodeToString([]byte("{\"name\":\"\xff\"}"))
			},
			func(r *http.Request) any { b, _ := io.ReadAll(r.Body); return string(b) }, "{\"name\":\"\xff\"}",
		},
		"a body has its length": {
			func(e *events.APIGatewayProxyRequest) { e.HTTPMethod, e.Body = http.MethodPut, "{}" },
			func(r *http.Request) any { return r.ContentLength }, int64(2),
		},
		"an escaped slash does not part a segment": {
			func(e *events.APIGatewayProxyRequest) { e.Path = "/v1/projects/eshop-sample/services/a%2Fb" },
			func(r *http.Request) any { return r.URL.EscapedPath() }, "/v1/projects/eshop-sample/services/a%2Fb",
		},
		"an escaped question mark begins no query": {
			func(e *events.APIGatewayProxyRequest) { e.Path = "/v1/projects/eshop%3Fat=1" },
			func(r *http.Request) any { return r.URL.Path + "|" + r.URL.RawQuery }, "/v1/projects/eshop?at=1|",
		},
		"the stage and the resource stay out of the path": {
			func(*events.APIGatewayProxyRequest) {},
			func(r *http.Request) any { return r.URL.Path }, "/v1/projects/eshop-sample/services/basket-api",
		},
		"the gateway's request id goes before the client's": {
			func(e *events.APIGatewayProxyRequest) {
				e.MultiValueHeaders = map[string][]string{"x-request-id": {"mine", "too"}}
			},
			func(r *http.Request) any { return header(r, "X-Request-Id") }, []string{requestID},
		},
		"the remote address has a port": {
			func(*events.APIGatewayProxyRequest) {},
			func(r *http.Request) any { host, _, _ := net.SplitHostPort(r.RemoteAddr); return host }, "203.0.113.7",
		},
		"the remote address of version 6 has a port": {
			func(e *events.APIGatewayProxyRequest) { e.RequestContext.Identity.SourceIP = "2001:db8::7" },
			func(r *http.Request) any { host, _, _ := net.SplitHostPort(r.RemoteAddr); return host }, "2001:db8::7",
		},
		"the host is no header": {
			func(e *events.APIGatewayProxyRequest) {
				e.MultiValueHeaders = map[string][]string{"Host": {e.RequestContext.DomainName}}
			},
			func(r *http.Request) any { return append(r.Header.Values("Host"), r.Host) },
			[]string{"a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := event()
			c.change(&e)
			var got any
			answer, err := with(func(w http.ResponseWriter, r *http.Request) {
				got = c.read(r)
				w.WriteHeader(http.StatusNoContent)
			}).answer(t.Context(), e)
			if err != nil || answer.StatusCode != http.StatusNoContent {
				t.Fatalf("answered %d %s, %v", answer.StatusCode, answer.Body, err)
			}
			if same := bytes.Equal(asJSON(t, got), asJSON(t, c.want)); !same {
				t.Errorf("the handler read %q, not %q", got, c.want)
			}
		})
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAnAnswerKeepsEveryHeaderValue(t *testing.T) {
	answer, err := with(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Link"] = []string{"<a>", "<b>"}
		w.WriteHeader(http.StatusNotModified)
	}).answer(t.Context(), event())
	if err != nil || answer.StatusCode != http.StatusNotModified || !slices.Equal(answer.MultiValueHeaders["Link"], []string{"<a>", "<b>"}) {
		t.Errorf("answered %+v, %v", answer, err)
	}
}

func TestAnAnswerMayFillWhatLambdaCarries(t *testing.T) {
	for name, body := range map[string]string{
		"plain":   strings.Repeat("a", maxAnswer-1000),
		"escaped": strings.Repeat(`"`, maxAnswer/2-1000),
		"markup":  strings.Repeat("<", maxAnswer-1000),
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := with(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, body)
			}).answer(t.Context(), event())
			if err != nil || answer.StatusCode != http.StatusOK || answer.Body != body {
				t.Errorf("answered %d with %d bytes, %v", answer.StatusCode, len(answer.Body), err)
			}
		})
	}
}

func TestEveryFailureIsAnAnswerInOurWords(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*events.APIGatewayProxyRequest)
		handler http.HandlerFunc // nil: the endpoint's own
		status  int
		code    string
		logged  string
	}{
		"a body that is no base64": {
			func(e *events.APIGatewayProxyRequest) { e.Body, e.IsBase64Encoded = "{}", true }, nil, 400, "bad_request", "",
		},
		"a path that is none": {
			func(e *events.APIGatewayProxyRequest) { e.Path = "/v1/%zz" }, nil, 400, "bad_request", "",
		},
		"a method that is none": {
			func(e *events.APIGatewayProxyRequest) { e.HTTPMethod = "GET IT" }, nil, 400, "bad_request", "",
		},
		"a path of another endpoint": {
			func(e *events.APIGatewayProxyRequest) { e.Path = "/v1/elsewhere" }, nil, 404, "not_found", "",
		},
		"a method of another endpoint": {
			func(e *events.APIGatewayProxyRequest) { e.HTTPMethod = http.MethodPost }, nil, 405, "bad_request", "",
		},
		"no caller from the authorizer": {
			func(e *events.APIGatewayProxyRequest) { e.RequestContext.Authorizer = nil }, nil, 401, "unauthorized", "",
		},
		"a caller without a workspace": {
			func(e *events.APIGatewayProxyRequest) { delete(e.RequestContext.Authorizer, "workspace") }, nil, 401, "unauthorized", "",
		},
		"a workspace that is no string": {
			func(e *events.APIGatewayProxyRequest) { e.RequestContext.Authorizer["workspace"] = 1.0 }, nil, 401, "unauthorized", "",
		},
		"a panic of the handler": {
			func(*events.APIGatewayProxyRequest) {},
			func(http.ResponseWriter, *http.Request) { panic("out of paper") }, 500, "internal_error", "out of paper",
		},
		"a panic amid an answer": {
			func(*events.APIGatewayProxyRequest) {},
			func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"half":`)
				panic("out of paper")
			}, 500, "internal_error", "out of paper",
		},
		"an answer that Lambda does not carry": {
			func(*events.APIGatewayProxyRequest) {},
			func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("a", maxAnswer)) }, 400, "bad_request", "",
		},
		"an answer that Lambda does not carry once it is escaped": {
			func(*events.APIGatewayProxyRequest) {},
			func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, strings.Repeat(`"`, maxAnswer/2))
			}, 400, "bad_request", "",
		},
		"a handler that writes nothing": {
			func(*events.APIGatewayProxyRequest) {},
			func(http.ResponseWriter, *http.Request) {}, 500, "internal_error", "wrote nothing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := event()
			c.change(&e)
			var log bytes.Buffer
			f := getService(nil, &log)
			if c.handler != nil {
				f.handler = c.handler
			}
			answer, err := f.answer(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			var body api.CatalogError
			if err := json.Unmarshal([]byte(answer.Body), &body); err != nil {
				t.Fatalf("%v in %q", err, answer.Body)
			}
			if answer.StatusCode != c.status || body.Status != c.status || body.Code != c.code {
				t.Errorf("answered %d %s, not %d %s", answer.StatusCode, answer.Body, c.status, c.code)
			}
			if got := answer.MultiValueHeaders["X-Request-Id"]; !slices.Equal(got, []string{requestID}) {
				t.Errorf("X-Request-Id is %q", got)
			}
			if !strings.Contains(log.String(), requestID) || !strings.Contains(log.String(), c.logged) {
				t.Errorf("logged %s", &log)
			}
			if c.logged != "" && strings.Contains(answer.Body, c.logged) {
				t.Errorf("the cause is told: %s", answer.Body)
			}
		})
	}
}

// stuck is a store that never answers, as one whose network is gone.
type stuck struct{ store.Store }

func (stuck) Get(ctx context.Context, key store.Key) (store.Item, error) {
	<-ctx.Done()
	return store.Item{}, &store.Error{Kind: store.Unavailable, Op: -1, Key: key, Err: ctx.Err()}
}

func (stuck) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	<-ctx.Done()
	return nil, &store.Error{Kind: store.Unavailable, Op: -1, Err: ctx.Err()}
}

func TestAStoreThatNeverAnswersIsA503BeforeTheInvocationEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		answer, err := getService(stuck{}, io.Discard).answer(ctx, event())
		if err != nil || answer.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("answered %d %s, %v", answer.StatusCode, answer.Body, err)
		}
		if ctx.Err() != nil {
			t.Error("the invocation's time was up first")
		}
	})
}
