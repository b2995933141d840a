package lambdahost

import (
	"net/http"

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
)

func contextOf(p tenant.Principal) map[string]any {
	return map[string]any{
		workspaceMember: p.Workspace,
		keyMember:       p.ID,
		labelMember:     p.Label,
		roleMember:      string(p.Role),
	}
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
	}
	if p.Workspace == "" || p.ID == "" || p.Role == "" {
		return tenant.Principal{}, errNoPrincipal
	}
	return p, nil
}
