package lambdahost

import (
	"maps"
	"net/http"
	"strings"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

// Members of the context that our authorizer gives the gateway and the gateway
// every function. They are strings; the gateway makes strings of all else.
const (
	workspaceMember = "workspace"
	keyMember       = "keyId"
	labelMember     = "label"
	roleMember      = "role"
	scopesMember    = "scopes" // separated by spaces
	planMember      = "plan"
)

// contextOf leaves out what is empty.
func contextOf(p tenant.Principal) map[string]any {
	var scopes []string
	for _, s := range p.Scopes {
		scopes = append(scopes, string(s))
	}
	members := map[string]any{
		workspaceMember: p.Workspace,
		keyMember:       p.ID,
		labelMember:     p.Label,
		roleMember:      string(p.Role),
		scopesMember:    strings.Join(scopes, " "),
		planMember:      string(p.Plan),
	}
	maps.DeleteFunc(members, func(_ string, value any) bool { return value == "" })
	return members
}

var errNoPrincipal = fault.New(fault.Unauthenticated, "unauthorized", "Authentication required")

// principal is who the authorizer said is calling.
func principal(r *http.Request) (tenant.Principal, error) {
	gateway, _ := core.GetAPIGatewayContextFromContext(r.Context())
	member := func(name string) string {
		s, _ := gateway.Authorizer[name].(string)
		return s
	}
	p := tenant.Principal{
		Workspace: member(workspaceMember),
		ID:        member(keyMember),
		Label:     member(labelMember),
		Role:      tenant.Role(member(roleMember)),
		Plan:      tenant.Plan(member(planMember)),
	}
	for s := range strings.FieldsSeq(member(scopesMember)) {
		p.Scopes = append(p.Scopes, tenant.Scope(s))
	}
	if p.Workspace == "" || p.ID == "" || p.Role == "" && p.Scopes == nil {
		return tenant.Principal{}, errNoPrincipal
	}
	return p, nil
}
