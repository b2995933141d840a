package contract

import "testing"

func TestWhereAServiceListensNeedsTheScopesOfBothApis(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services/order-api/network"
	lacks := func(scope string) string {
		return `{"status":403,"code":"forbidden","message":"Forbidden","details":"the key lacks the scope ` + scope + `"}`
	}
	for _, c := range []struct{ scopes, missing string }{
		{`["catalog:read"]`, "network:read"},
		{`["catalog:write","compute:write"]`, "network:read"},
		{`["network:read"]`, "catalog:read"},
	} {
		h.send(h.ask("GET", path, "").by(h.issue(c.scopes).Key)).is(403, lacks(c.missing))
	}
	for _, scopes := range []string{`["catalog:read","network:read"]`, `["catalog:write","network:write"]`} {
		h.send(h.ask("GET", path, "").by(h.issue(scopes).Key)).is(200, `[]`)
	}
}
