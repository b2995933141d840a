package contract

import (
	"net/url"
	"testing"
)

func TestAQueryParameterOutOfItsRangeIsNamed(t *testing.T) {
	h := open(t)
	path := h.shop()
	const projects = "/v1/projects"
	wrong := map[string]map[string][]string{
		projects: {
			"page":     {"-1", "x", "1.0", "1e1", "2147483648", "99999999999999999999", "", " 1", "+1", "0x1"},
			"size":     {"0", "-1", "101", "", "ten", "20.0"},
			"pinned":   {"", "yes", "1", "TRUE", "null"},
			"archived": {"", "no", "0", "True"},
		},
		path + "/services": {
			"limit":  {"0", "-1", "1001", "", "ten", "1.5"},
			"cursor": {"", "x", "!!!", "AAAA", "MQ", "bnVsbA"},
		},
		path + "/history": {
			"page":       {"-1", "x", "", "2147483648"},
			"size":       {"0", "1001", "-5", ""},
			"changeType": {"", "create", "RENAME", "CREATE,DELETE", " CREATE"},
		},
		path + "/services/order-api/history": {
			"limit":  {"0", "-1", "1001", "", "ten", "1.5"},
			"cursor": {"", "x", "!!!", "AAAA", "MQ", "bnVsbA", "AAAAAAAAAAAAAAAAAAAAAA"},
		},
		path + "/diff": {
			"from": {"", "x", "2026-04-22", "now"},
		},
		path + "/events": {
			"after": {"-1", "x", "", "1.5", "99999999999999999999"},
			"wait":  {"-1", "21", "", "1s"},
		},
	}
	for target, parameters := range wrong {
		for name, values := range parameters {
			h.sub(target+" "+name, func(h *house) {
				for _, value := range values {
					h.get(target+"?"+name+"="+url.QueryEscape(value)).badRequest(name+" ", quoted("%s", value))
				}
				h.get(target+"?"+name+"="+values[0]+"&"+name+"=1").badRequest(name+" ", "given once", "1 more")
			})
		}
	}
	h.get(projects+"?size=101").is(400,
		`{"status":400,"code":"bad_request","message":"Bad request","details":"size must be between 1 and 100, read \"101\""}`)
}

func TestAQueryParameterAtItsLimitIsTaken(t *testing.T) {
	h := open(t)
	path := h.shop()
	for _, target := range []string{
		"/v1/projects?size=1", "/v1/projects?size=100", "/v1/projects?page=0", "/v1/projects?page=2147483647&size=100",
		path + "/services?limit=1", path + "/services?limit=1000",
		path + "/services/order-api/history?limit=1", path + "/services/order-api/history?limit=1000",
		path + "/history?size=1", path + "/history?size=1000", path + "/history?page=2147483647&size=1000",
		path + "/history?page=2147483647&size=1000&changeType=CREATE",
		path + "/services?unknown=1&unknown=2",
	} {
		h.get(target).ok()
	}
}

func TestAQueryThatCannotBeReadIsABadRequest(t *testing.T) {
	h := open(t)
	path := h.shop()
	for _, query := range []string{"at=%zz", "at=%", "at=1;limit=2", "%zz=1"} {
		got := h.get(path + "/services?" + query)
		if end == functions {
			got.badRequest() // the gateway's own, which has no details
			continue
		}
		got.badRequest("query string")
	}
	for _, name := range []string{"category", "owner", "flow", "topic", "q"} {
		if hasBytes() {
			h.get(path + "/services?" + name + "=%ff").badRequest(name + " ")
		}
		h.get(path + "/services?" + name + "=%00").badRequest(name + " ")
		h.get(path+"/services?"+name+"=a&"+name+"=b").badRequest(name+" ", "given once")
	}
}

func TestAHeaderThatCannotBeReadIsABadRequest(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services/order-api"
	for _, values := range [][]string{{""}, {"order"}, {`"open`}, {`"a" "b"`}, {`"a",`}, {`w/"a"`}, {`*`, `*`}} {
		h.changesNothing(func() {
			h.send(h.ask("PUT", path, `{"owner":"x"}`).with("If-Match", values...)).badRequest("If-Match ")
			h.send(h.ask("DELETE", path, "").with("If-Match", values...)).badRequest("If-Match ")
		})
	}
}
