package contract

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// broken checks that a body is refused as a whole.
func (a answer) broken() {
	a.Helper()
	p := a.fails(400, "validation_failed")
	if len(p.Violations) != 1 || p.Violations[0].Field != "body" || p.Violations[0].Message == "" || p.Details != "" {
		a.Errorf("%s: got %s", a.asked, a.body)
	}
}

// writes are the operations with a body, and a body that each accepts.
func (h *house) writes() map[string]request {
	path := h.shop()
	return map[string]request{
		"createProject": h.ask("POST", "/v1/projects", ""),
		"updateProject": h.ask("PUT", path, ""),
		"createService": h.ask("POST", path+"/services", ""),
		"updateService": h.ask("PUT", path+"/services/order-api", ""),
	}
}

func (r request) sending(body string) request {
	r.body = strings.NewReader(body)
	return r
}

func TestABodyCutShortAtAnyByteChangesNothing(t *testing.T) {
	h := open(t)
	for id, r := range h.writes() {
		h.sub(id, func(h *house) {
			h.changesNothing(func() {
				for n := range goodBodies[id] {
					h.send(r.sending(goodBodies[id][:n])).broken()
				}
			})
		})
	}
}

func TestABodyThatIsNotOneJSONObjectChangesNothing(t *testing.T) {
	const notUTF8 = "what is not UTF-8"
	h := open(t)
	whole := func(message string) string { return invalid(bad("body", message, "")) }
	cases := []struct {
		name   string
		garble func(good string) string
		body   string // empty: any violation of the body
	}{
		{"empty", func(string) string { return "" }, whole("must not be empty")},
		{"white space", func(string) string { return " \r\n\t" }, whole("must not be empty")},
		{"an array", func(good string) string { return "[" + good + "]" }, whole("must be an object")},
		{"a string", func(string) string { return `"name"` }, invalid(bad("body", "must be an object", `"name"`))},
		{"a number", func(string) string { return `17` }, invalid(bad("body", "must be an object", "17"))},
		{"true", func(string) string { return `true` }, invalid(bad("body", "must be an object", "true"))},
		{"null", func(string) string { return `null` }, whole("must not be null")},
		{"two objects", func(good string) string { return good + good }, ""},
		{"trailing garbage", func(good string) string { return good + "x" }, ""},
		{"a trailing comma", func(good string) string { return good[:len(good)-1] + ",}" }, ""},
		{"a comment", func(good string) string { return "// new\n" + good }, ""},
		{"a byte order mark", func(good string) string { return "\ufeff" + good }, ""},
		{"single quotes", func(good string) string { return strings.ReplaceAll(good, `"`, `'`) }, ""},
		{"NaN", func(string) string { return `{"name":NaN}` }, ""},
		{"a number with a leading zero", func(string) string { return `{"name":01}` }, ""},
		{"a raw NUL between tokens", func(good string) string { return strings.Replace(good, ":", ":\x00", 1) }, ""},
		{"a raw NUL in a string", func(good string) string { return strings.Replace(good, `:"`, ":\"\x00", 1) }, ""},
		{"a raw line break in a string", func(good string) string { return strings.Replace(good, `:"`, ":\"\n", 1) }, ""},
		{"a raw NUL after the object", func(good string) string { return good + "\x00" }, ""},
		{"a wrong escape", func(string) string { return `{"name":"\x41"}` }, ""},
		{notUTF8 + ": a byte", func(good string) string { return strings.Replace(good, `:"`, ":\"\xff", 1) }, ""},
		{notUTF8 + ": an overlong encoding", func(good string) string { return strings.Replace(good, `:"`, ":\"\xc0\xaf", 1) }, ""},
		{notUTF8 + ": a surrogate", func(good string) string { return strings.Replace(good, `:"`, ":\"\xed\xa0\x80", 1) }, ""},
		{"UTF-16", func(good string) string { return "\xff\xfe" + strings.Join(strings.Split(good, ""), "\x00") }, ""},
		{"a form", func(string) string { return "name=Cart&description=" }, ""},
		{"arrays nested 100,000 deep", func(string) string { return `{"x":` + strings.Repeat("[", 100_000) }, ""},
		{"objects nested 100 deep and closed", func(string) string {
			return strings.Repeat(`{"x":`, 100) + "1" + strings.Repeat("}", 100)
		}, ""},
	}
	for id, r := range h.writes() {
		h.sub(id, func(h *house) {
			h.changesNothing(func() {
				for _, c := range cases {
					if strings.HasPrefix(c.name, notUTF8) && !hasBytes() {
						continue
					}
					h.sub(c.name, func(h *house) {
						got := h.send(r.sending(c.garble(goodBodies[id])))
						if c.body != "" {
							got.is(400, c.body)
							return
						}
						got.broken()
					})
				}
			})
		})
	}
}

func TestABodyOverOneMebibyteIs413(t *testing.T) {
	const limit = 1 << 20
	const refused = `{"status":413,"code":"bad_request","message":"Request body too large","details":"a body is at most 1048576 bytes"}`
	h := open(t)
	for id, r := range h.writes() {
		h.sub(id, func(h *house) {
			good := goodBodies[id]
			h.changesNothing(func() {
				h.send(r.sending(good+strings.Repeat(" ", limit+1-len(good)))).is(413, refused)
				chunked := r
				chunked.body = io.MultiReader(strings.NewReader(good), strings.NewReader(strings.Repeat(" ", limit+1-len(good))))
				h.send(chunked).is(413, refused)
				h.send(r.sending(strings.Repeat("x", limit))).broken()
			})
			h.send(r.sending(good + strings.Repeat(" ", limit-len(good)))).ok()
		})
	}
}

func TestABodyOverOneMebibyteIs413AlsoWhereNothingReadsIt(t *testing.T) {
	h := open(t)
	path := h.shop()
	for _, target := range [][2]string{
		{"GET", path + "/services/order-api"}, {"DELETE", path + "/services/order-api"}, {"POST", path + "/public-share-token"},
		{"PUT", "/api/v1/hosts/" + uuid.NewString() + "/consolidate/" + uuid.NewString()},
	} {
		h.changesNothing(func() {
			long := strings.Repeat(" ", 1<<20+1)
			h.send(h.ask(target[0], target[1], long)).fails(413, "bad_request")
			chunked := h.ask(target[0], target[1], "")
			chunked.body = io.MultiReader(strings.NewReader(long))
			h.send(chunked).fails(413, "bad_request")
		})
	}
}

func TestAnOperationWithoutABodyDoesNotLookAtOne(t *testing.T) {
	h := open(t)
	path := h.shop()
	h.send(h.ask("GET", path+"/services/order-api", "{")).ok()
	h.send(h.ask("DELETE", path+"/services/order-api", "{")).is(204, "")
}

// heavy is a service of about so many bytes, which can be compressed by a quarter
// at most.
func heavy(name string, bytes int) string {
	const each = 1040
	var topics []string
	noise := make([]byte, 375)
	for i := range bytes / each {
		_, _ = rand.Read(noise)
		k := base64.StdEncoding.EncodeToString(noise)
		_, _ = rand.Read(noise)
		topics = append(topics, fmt.Sprintf(`{"name":"t%d","extras":{"k":"%s","l":"%s"}}`, i, k, base64.StdEncoding.EncodeToString(noise)))
	}
	return quoted(`{"name":%s,"produces":[`, name) + strings.Join(topics, ",") + `]}`
}

func TestAServiceTooLargeToStoreIsAViolation(t *testing.T) {
	h := open(t)
	path := h.shop()
	h.changesNothing(func() {
		tooLarge := invalid(bad("body", "is too large to store; a service takes at most 393216 bytes of JSON as it is stored", ""))
		h.post(path+"/services", heavy("Heavy", 900<<10)).is(400, tooLarge)
		h.put(path+"/services/order-api", heavy("Heavy", 900<<10)).is(400, tooLarge)
	})
}

func TestTheLargestServiceThatIsStoredCanBeChangedRenamedAndDeleted(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services"
	// The limit, to the byte, by bisection over the length of one name.
	fits := func(n int) bool {
		body := fmt.Sprintf(`{"produces":[{"name":"t"}],"consumes":[%s]}`, strings.TrimSuffix(strings.Repeat(`{"name":"`+strings.Repeat("x", 241)+`"},`, n/256), ",")+
			tail(n%256))
		if !json.Valid([]byte(body)) {
			t.Fatal(body[len(body)-300:])
		}
		return h.put(path+"/order-api", body).status == 200
	}
	low, high := 256<<10, 512<<10
	for high-low > 1 {
		if middle := (low + high) / 2; fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	if !fits(low) || low < 300<<10 {
		t.Fatalf("a service of %d bytes cannot be stored", low)
	}
	if n := len(h.get(path + "/order-api/raw").ok().body); n != 393_216 {
		t.Errorf("the largest service is stored as %d bytes", n)
	}
	h.put(path+"/order-api", `{"name":"`+strings.Repeat("n", 60)+`","consumes":[]}`).ok()
	h.put(path+"/"+strings.Repeat("n", 60), `{"name":"Order API"}`).ok()
	if !fits(low) {
		t.Fatal("what could be stored cannot be stored again")
	}
	h.delete(path+"/order-api").is(204, "")
}

// tail is one more topic, of about n bytes.
func tail(n int) string {
	if n < 16 {
		return ""
	}
	return `,{"name":"` + strings.Repeat("y", n-13) + `"}`
}
