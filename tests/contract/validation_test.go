package contract

import (
	"fmt"
	"strings"
	"testing"
)

// invalid is the whole body that lists these violations.
func invalid(violations ...string) string {
	return `{"status":400,"code":"validation_failed","message":"Validation failed","violations":[` + strings.Join(violations, ",") + `]}`
}

// bad is one violation; rejected is JSON, empty where no value is shown.
func bad(field, message, rejected string) string {
	if rejected != "" {
		rejected = `,"rejectedValue":` + rejected
	}
	return fmt.Sprintf(`{"field":%s,"message":%s%s}`, quoted("%s", field), quoted("%s", message), rejected)
}

// pairs is an object of n pairs.
func pairs(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"k%d":"v"`, i))
	}
	return "{" + strings.Join(all, ",") + "}"
}

type bodyCase struct {
	name, sent string
	violations []string // none: the body is right
}

// Violations that a create and an update share, as members of a body.
func serviceMembers() []bodyCase {
	x := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	astral := func(n int) string { return `"` + strings.Repeat("😀", n) + `"` }
	return []bodyCase{
		{"a description of 200", `"description":` + x(200), nil},
		{"a description of 201", `"description":` + x(201), []string{bad("description", "size must be at most 200", x(201))}},
		{"a description of 200 astral characters", `"description":` + astral(200), nil},
		{"a description of 201 astral characters, too long to show", `"description":` + astral(201), []string{bad("description", "size must be at most 200", "")}},
		{"a category of 60", `"category":` + x(60), nil},
		{"a category of 61", `"category":` + x(61), []string{bad("category", "size must be between 1 and 60", x(61))}},
		{"a category of 60 astral characters", `"category":` + astral(60), nil},
		{"a category of 61 astral characters", `"category":` + astral(61), []string{bad("category", "size must be between 1 and 60", astral(61))}},
		{"an empty category", `"category":""`, []string{bad("category", "size must be between 1 and 60", `""`)}},
		{"a category of the wrong type", `"category":true`, []string{bad("category", "must be a string", "true")}},
		{"an owner of 61", `"owner":` + x(61), []string{bad("owner", "size must be between 1 and 60", x(61))}},
		{"an empty owner", `"owner":""`, []string{bad("owner", "size must be between 1 and 60", `""`)}},
		{"an owner that is a number", `"owner":7`, []string{bad("owner", "must be a string", "7")}},
		{"flows of 100", `"flows":[` + x(100) + `,"x"]`, nil},
		{"flows of 0, 101 and null", `"flows":["",` + x(101) + `,"f",null]`, []string{
			bad("flows[0]", "size must be between 1 and 100", `""`), bad("flows[1]", "size must be between 1 and 100", x(101)),
			bad("flows[3]", "must not be null", "")}},
		{"flows that are no array", `"flows":"checkout"`, []string{bad("flows", "must be an array", `"checkout"`)}},
		{"extras of 20 pairs", `"extras":` + pairs(20), nil},
		{"extras of 21 pairs", `"extras":` + pairs(21), []string{bad("extras", "size must be at most 20", "")}},
		{"extras of 21 pairs, one of them wrong", `"extras":{"team":7,` + pairs(20)[1:], []string{
			bad("extras", "size must be at most 20", ""), bad("extras.team", "must be a string", "7")}},
		{"an extras key of 100 and a value of 500", `"extras":{` + x(100) + `:` + x(500) + `}`, nil},
		{"an extras key of 101", `"extras":{` + x(101) + `:"v"}`, []string{bad("extras."+strings.Repeat("x", 101), "key size must be at most 100", "")}},
		{"an extras key of 100 astral characters", `"extras":{` + astral(100) + `:"v"}`, nil},
		{"an extras value of 501", `"extras":{"team":` + x(501) + `}`, []string{bad("extras.team", "size must be at most 500", "")}},
		{"an extras value of the wrong type and a null", `"extras":{"team":7,"cost":null}`, []string{
			bad("extras.team", "must be a string", "7"), bad("extras.cost", "must not be null", "")}},
		{"an extras key twice", `"extras":{"a":"1","a":"1"}`, []string{bad("extras.a", "must not be given twice", "")}},
		{"extras that are an array", `"extras":[]`, []string{bad("extras", "must be an object", "")}},
		{"topics that are null", `"consumes":null,"produces":null`, []string{
			bad("consumes", "must not be null", ""), bad("produces", "must not be null", "")}},
		{"a topic that is a string and one that is null", `"consumes":["t",null]`, []string{
			bad("consumes[0]", "must be an object", `"t"`), bad("consumes[1]", "must not be null", "")}},
		{"a topic without a name", `"produces":[{"name":"a"},{"name":"b"},{}]`, []string{bad("produces[2].name", "is required", "")}},
		{"a topic's name of 255", `"produces":[{"name":` + x(255) + `}]`, nil},
		{"a topic's name of 256", `"produces":[{"name":` + x(256) + `}]`, []string{bad("produces[0].name", "size must be between 1 and 255", "")}},
		{"a topic's blank, empty and null names", `"produces":[{"name":" \t"},{"name":""},{"name":null}]`, []string{
			bad("produces[0].name", "must not be blank", `" \t"`), bad("produces[1].name", "must not be blank", `""`),
			bad("produces[2].name", "must not be null", "")}},
		{"a topic's facts", `"consumes":[{"name":"t","category":"","owner":` + x(61) + `,"flows":[""],"extras":` + pairs(21) + `}]`, []string{
			bad("consumes[0].category", "size must be between 1 and 60", `""`), bad("consumes[0].owner", "size must be between 1 and 60", x(61)),
			bad("consumes[0].flows[0]", "size must be between 1 and 100", `""`), bad("consumes[0].extras", "size must be at most 20", "")}},
		{"a topic's member twice", `"consumes":[{"name":"t","name":"u"}]`, []string{bad("consumes[0].name", "must not be given twice", "")}},
		{"a topic's unknown member twice", `"consumes":[{"name":"t","x":1,"x":2}]`, []string{bad("consumes[0].x", "must not be given twice", "")}},
		{"an unknown member", `"colour":"blue"`, []string{bad("colour", "unknown member", "")}},
		{"a member in another case", `"Owner":"sales"`, []string{bad("Owner", "unknown member", "")}},
		{"members that the server sets", `"slug":"x","createdAt":"2026-04-22T15:30:00.000Z"`, []string{
			bad("slug", "unknown member", ""), bad("createdAt", "unknown member", "")}},
		{"a member twice", `"owner":"a","owner":"a"`, []string{bad("owner", "must not be given twice", "")}},
		{"a member twice by an escape", `"owner":"a","own\u0065r":"b"`, []string{bad("owner", "must not be given twice", "")}},
		{"an escaped NUL", `"description":"a\u0000b"`, []string{bad("description", "must not contain the character U+0000", "")}},
		{"an escaped NUL in an extras key", `"extras":{"a\u0000":"v"}`, []string{bad("extras.a\x00", "key must not contain the character U+0000", "")}},
		{"a lone high surrogate", `"description":"\ud800x"`, []string{bad("description", "must not contain a lone surrogate", "")}},
		{"a lone low surrogate", `"flows":["\udc00"]`, []string{bad("flows[0]", "must not contain a lone surrogate", "")}},
		{"surrogates in the wrong order", `"owner":"\udc00\ud800"`, []string{bad("owner", "must not contain a lone surrogate", "")}},
		{"a surrogate pair is one character", `"category":"` + strings.Repeat(`\ud83d\ude00`, 60) + `"`, nil},
		{"all at once, in the order of the document", `"extras":{"team":1},"colour":2,"flows":[3],"owner":""`, []string{
			bad("extras.team", "must be a string", "1"), bad("colour", "unknown member", ""),
			bad("flows[0]", "must be a string", "3"), bad("owner", "size must be between 1 and 60", `""`)}},
	}
}

// names are cases of the name of a project or a service.
func names(least, most int) []bodyCase {
	size := fmt.Sprintf("size must be between %d and %d", least, most)
	x := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	astral := func(n int) string { return `"` + strings.Repeat("😀", n) + `"` }
	cases := []bodyCase{
		{"a name of the least size", `"name":` + x(least), nil},
		{"a name of the greatest size", `"name":` + x(most), nil},
		{"a name of one more", `"name":` + x(most+1), []string{bad("name", size, x(most+1))}},
		{"a name of the greatest size in astral characters", `"name":` + astral(most), nil},
		{"a name of one astral character more", `"name":` + astral(most+1), []string{bad("name", size, astral(most+1))}},
		{"an empty name", `"name":""`, []string{bad("name", "must not be blank", `""`)}},
		{"a name of spaces", `"name":"   "`, []string{bad("name", "must not be blank", `"   "`)}},
		{"a name of other white space", `"name":"\u00a0\u3000\t\r\n"`, []string{bad("name", "must not be blank", `"\u00a0\u3000\t\r\n"`)}},
		{"a name that is null", `"name":null`, []string{bad("name", "must not be null", "")}},
		{"a name that is a number", `"name":12.5e3`, []string{bad("name", "must be a string", "12.5e3")}},
		{"a name that is an object", `"name":{"first":"a"}`, []string{bad("name", "must be a string", "")}},
	}
	if least > 1 {
		cases = append(cases, bodyCase{"a name of one less", `"name":` + x(least-1), []string{bad("name", size, x(least-1))}})
	}
	return cases
}

// check sends each case's members, after those of first, to one operation.
func (h *house) check(method, path, first string, cases []bodyCase) {
	state := ""
	for _, c := range cases {
		h.sub(c.name, func(h *house) {
			body := "{" + strings.Trim(first+","+c.sent, ",") + "}"
			if len(c.violations) == 0 {
				state = ""
				h.send(h.ask(method, path, body)).ok()
				return
			}
			if state == "" {
				state = h.state()
			}
			h.send(h.ask(method, path, body)).is(400, invalid(c.violations...))
			h.unchanged(&state)
		})
	}
}

func TestWhatIsWrongWithANewServiceIsSaidToTheByte(t *testing.T) {
	h := open(t)
	path := h.shop()
	for _, c := range serviceMembers() {
		if len(c.violations) == 0 { // a name of its own, as the slug must be new
			h.check("POST", path+"/services", quoted(`"name":%s`, "S "+c.name), []bodyCase{c})
		}
	}
	var wrong []bodyCase
	for _, c := range serviceMembers() {
		if len(c.violations) > 0 {
			wrong = append(wrong, c)
		}
	}
	h.check("POST", path+"/services", `"name":"Cart"`, wrong)
	h.check("POST", path+"/services", "", append(names(1, 60), bodyCase{"no name", `"owner":1`, []string{
		bad("owner", "must be a string", "1"), bad("name", "is required", "")}}))
}

func TestOfMoreThanAHundredViolationsTheFirstHundredAreShownAndTheMessageSaysSo(t *testing.T) {
	h := open(t)
	path := h.shop()
	for _, n := range []int{99, 101, 1000} {
		got := h.post(path+"/services", `{"name":"Cart","flows":[`+strings.TrimSuffix(strings.Repeat("7,", n), ",")+`]}`).fails(400, "validation_failed")
		want := "Validation failed"
		if n > 100 {
			want += "; the first 100 violations are shown"
		}
		if got.Message != want || len(got.Violations) != min(n, 100) {
			t.Errorf("%d are %d: %s", n, len(got.Violations), got.Message)
		}
	}
}

func TestWhatIsWrongWithAnUpdateOfAServiceIsSaidToTheByte(t *testing.T) {
	h := open(t)
	path := h.shop()
	h.check("PUT", path+"/services/order-api", "", serviceMembers())
	for _, c := range names(1, 60) {
		h.post(path+"/services", quoted(`{"name":%s}`, "S "+c.name)).ok()
		slug := read[[]service](h.get(path + "/services?q=s-a").ok())[0].Slug
		h.check("PUT", path+"/services/"+slug, "", []bodyCase{c})
		h.clear(path)
	}
}

// clear deletes all services of a project.
func (h *house) clear(path string) {
	h.Helper()
	for _, s := range read[[]service](h.get(path + "/services").ok()) {
		h.delete(path + "/services/" + s.Slug).ok()
	}
}

func TestWhatIsWrongWithAProjectIsSaidToTheByte(t *testing.T) {
	x := strings.Repeat("x", 201)
	members := []bodyCase{
		{"a description of 200", `"description":"` + x[1:] + `"`, nil},
		{"a description of 201", `"description":"` + x + `"`, []string{bad("description", "size must be at most 200", `"`+x+`"`)}},
		{"a description that is null", `"description":null`, []string{bad("description", "must not be null", "")}},
		{"a description that is a number", `"description":1`, []string{bad("description", "must be a string", "1")}},
		{"unknown members", `"description":"","id":"mine","colour":{}`, []string{bad("id", "unknown member", ""), bad("colour", "unknown member", "")}},
	}
	h := open(t)
	h.check("POST", "/v1/projects", `"name":"Web shop"`, members)
	h.check("POST", "/v1/projects", `"description":""`, names(3, 60))
	h.check("POST", "/v1/projects", "", []bodyCase{
		{"nothing", "", []string{bad("name", "is required", ""), bad("description", "is required", "")}},
		{"no name", `"description":""`, []string{bad("name", "is required", "")}},
		{"no description", `"name":"Web shop"`, []string{bad("description", "is required", "")}},
		{"archived is no member of a new one", `"name":"Web shop","description":"","archived":true`, []string{bad("archived", "unknown member", "")}},
	})
	path := "/v1/projects/" + h.newProject("To change")
	h.check("PUT", path, "", append(members, names(3, 60)...))
	h.check("PUT", path, "", []bodyCase{
		{"archived as a string", `"archived":"true"`, []string{bad("archived", "must be true or false", `"true"`)}},
		{"archived as null", `"archived":null`, []string{bad("archived", "must not be null", "")}},
		{"pinned is not the project's", `"pinned":true`, []string{bad("pinned", "unknown member", "")}},
	})
}
