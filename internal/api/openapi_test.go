package api

import "testing"

func TestTheDocumentNamesAllScopesThatAnEndpointNeeds(t *testing.T) {
	for _, c := range []struct {
		e    Endpoint
		want string
	}{
		{ListNetworks(), "Needs the scope network:read."},
		{UpdateTag(), "Needs the scope network:write."},
		{CreateTag(), "Needs the scopes network:write and admin."},
		{BulkDeleteNetworks(), "Needs the scopes network:write and admin."},
		{GetServiceNetwork(), "Needs the scopes catalog:read and network:read."},
		{CreateKey(), "Needs the scope admin."},
	} {
		if got := c.e.route(map[string]any{}).Description; got != c.want {
			t.Errorf("%s: %q, want %q", c.e.ID, got, c.want)
		}
	}
}
