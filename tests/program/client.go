package program

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Client asks one server with one key. It is safe for concurrent use.
type Client struct {
	url, key  string
	transport *http.Transport
}

// NewClient keeps its connections to itself.
func NewClient(url, key string) Client {
	return Client{url, key, &http.Transport{MaxIdleConnsPerHost: 64}}
}

// CloseIdleConnections is for a client whose server has ended.
func (c Client) CloseIdleConnections() {
	if c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}

// Answer is what a server said, whatever that was.
type Answer struct {
	Asked  string
	Status int
	Header http.Header
	Body   string
}

// Do sends one request, with headers as "Name: value". An error means that no
// whole answer came: it is not known then what was done.
func (c Client) Do(ctx context.Context, method, path, body string, headers ...string) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	got, err := c.transport.RoundTrip(r)
	if err != nil {
		return Answer{}, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return Answer{method + " " + path, got.StatusCode, got.Header, string(text)}, err
}

// Read decodes the body of an answer of success.
func Read[T any](a Answer) (v T, err error) {
	if a.Status/100 != 2 {
		return v, fmt.Errorf("%s: %d %s", a.Asked, a.Status, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		return v, fmt.Errorf("%s: %w in %s", a.Asked, err, a.Body)
	}
	return v, nil
}
