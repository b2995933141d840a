package golden

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Answer is what a function gives the gateway.
type Answer struct {
	StatusCode        int                 `json:"statusCode"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// StreamedType is the type of what a function gives a gateway that passes on its
// answers as they come: a status and headers in JSON, eight zero bytes and the body.
const StreamedType = "application/vnd.awslambda.http-integration-response"

// Metadata reads what comes before the body of such an answer.
func Metadata(r *bufio.Reader) (head Answer, err error) {
	text, err := r.ReadBytes(0)
	if err != nil {
		return Answer{}, fmt.Errorf("%w after %q", err, text)
	}
	rest := make([]byte, 7)
	if _, err := io.ReadFull(r, rest); err != nil || string(rest) != "\x00\x00\x00\x00\x00\x00\x00" {
		return Answer{}, fmt.Errorf("the metadata ends with %q, %v", rest, err)
	}
	return head, json.Unmarshal(text[:len(text)-1], &head)
}

var client = &http.Client{Transport: &http.Transport{DisableCompression: true}}

// ByHTTP is a server's answer to a request.
func ByHTTP(t *testing.T, r *http.Request) Answer {
	t.Helper()
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Header.Del("Date") // the gateway sets its own
	return Answer{StatusCode: res.StatusCode, MultiValueHeaders: res.Header, Body: string(body)}
}

// Equal compares all that clients see of two answers.
func Equal(t *testing.T, cloud, laptop Answer) {
	t.Helper()
	if cloud.StatusCode != laptop.StatusCode {
		t.Errorf("the function answers %d, the laptop %d", cloud.StatusCode, laptop.StatusCode)
	}
	if cloud.Body != laptop.Body {
		t.Errorf("the function's body is\n%s\nthe laptop's\n%s", cloud.Body, laptop.Body)
	}
	// A laptop limits no key, and what is left of a limit is another each time.
	unlimited := func(a Answer) map[string][]string {
		headers := maps.Clone(a.MultiValueHeaders)
		maps.DeleteFunc(headers, func(name string, _ []string) bool { return strings.HasPrefix(name, "Ratelimit") })
		return headers
	}
	if got, want := unlimited(cloud), unlimited(laptop); !reflect.DeepEqual(got, want) {
		t.Errorf("the function's headers are\n%v\nthe laptop's\n%v", got, want)
	}
}

var (
	instants = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)
	uuids    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	suffixes = regexp.MustCompile(`"loyalty-[0-9a-z]{5}"`)
	secrets  = regexp.MustCompile(`"(alm_[0-9A-Za-z]{40}|lastFour":"[0-9A-Za-z]{4})"`)
)

// Settled replaces what two writes of the same cannot have in common: instants
// after the seed (by their order), random ids and secrets, and the ETags made from those.
func Settled(a Answer) Answer {
	last := Seeded.AddDate(0, 0, 2).Format(time.RFC3339)
	found := slices.Compact(slices.Sorted(slices.Values(instants.FindAllString(a.Body, -1))))
	found = slices.DeleteFunc(found, func(s string) bool { return s < last })
	for n, instant := range found {
		a.Body = strings.ReplaceAll(a.Body, instant, fmt.Sprintf("<instant %d>", n+1))
	}
	a.Body = suffixes.ReplaceAllString(a.Body, `"loyalty-<suffix>"`)
	a.Body = secrets.ReplaceAllString(a.Body, `"<secret>"`)
	a.Body = uuids.ReplaceAllString(a.Body, "<uuid>")
	a.MultiValueHeaders = maps.Clone(a.MultiValueHeaders)
	if a.MultiValueHeaders["Etag"] != nil {
		a.MultiValueHeaders["Etag"] = []string{"<etag>"}
	}
	return a
}
