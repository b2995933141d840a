package tenant

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"almanac/internal/fault"
)

func TestEachRoleGrantsItsScopes(t *testing.T) {
	for _, c := range []struct {
		role Role
		want string
	}{
		{Owner, "catalog:read catalog:write network:read network:write compute:read compute:write admin"},
		{Administrator, "catalog:read catalog:write network:read network:write compute:read compute:write admin"},
		{Member, "catalog:read catalog:write network:read network:write compute:read compute:write"},
		{Viewer, "catalog:read network:read compute:read"},
		{"", ""},
		{"OWNER", ""},
		{"root", ""},
	} {
		t.Run(string(c.role), func(t *testing.T) {
			p := Principal{Role: c.role}
			for _, s := range allScopes {
				if want := slices.Contains(strings.Fields(c.want), string(s)); p.May(s) != want {
					t.Errorf("grants %s: %v", s, !want)
				}
			}
			if got := c.role.Scopes(); len(got) != len(strings.Fields(c.want)) {
				t.Errorf("grants %v", got)
			}
		})
	}
}

func TestAWriteScopeIncludesTheReadScopeOfItsAPIAndNoOther(t *testing.T) {
	for _, c := range []struct {
		held, asked Scope
		may         bool
	}{
		{CatalogRead, CatalogRead, true},
		{CatalogWrite, CatalogWrite, true},
		{CatalogWrite, CatalogRead, true},
		{NetworkWrite, NetworkRead, true},
		{ComputeWrite, ComputeRead, true},
		{CatalogRead, CatalogWrite, false},
		{CatalogWrite, NetworkRead, false},
		{CatalogWrite, Admin, false},
		{Admin, CatalogRead, false},
		{Admin, CatalogWrite, false},
		{Admin, Admin, true},
		{Admin, "", false},
		{CatalogWrite, "catalog", false},
	} {
		t.Run(string(c.held)+" asked for "+string(c.asked), func(t *testing.T) {
			err := Principal{Scopes: []Scope{c.held}}.Require(c.asked)
			if (err == nil) != c.may {
				t.Fatalf("got %v", err)
			}
			if f, ok := errors.AsType[*fault.Error](err); !c.may &&
				(!ok || f.Kind != fault.Forbidden || f.Code != "forbidden" || !strings.HasSuffix(f.Details, "the scope "+string(c.asked))) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNoKeyGrantsMoreThanItHolds(t *testing.T) {
	for _, c := range []struct {
		name   string
		caller Principal
		scopes []Scope
		plan   Plan
		says   string // empty: it may
	}{
		{"an owner grants everything", Principal{Role: Owner}, allScopes, Standard, ""},
		{"an administrator too", Principal{Role: Administrator, Plan: Standard}, allScopes, Standard, ""},
		{"a key grants what it has", Principal{Scopes: []Scope{Admin, CatalogWrite}, Plan: Free}, []Scope{Admin, CatalogRead, CatalogWrite}, Free, ""},
		{"a smaller plan may be granted", Principal{Scopes: []Scope{Admin}, Plan: Standard}, []Scope{Admin}, Free, ""},
		{"a scope that it lacks", Principal{Scopes: []Scope{Admin, CatalogRead}}, []Scope{CatalogRead, CatalogWrite}, Free, "catalog:write"},
		{"a larger plan", Principal{Scopes: []Scope{Admin}, Plan: Free}, []Scope{Admin}, Standard, "a larger one"},
		{"what a key of the host has is the larger plan", Principal{Scopes: []Scope{Admin}, Plan: Free}, []Scope{Admin}, "", "plan"},
		{"and no more than that", Principal{Scopes: []Scope{Admin}, Plan: Standard}, []Scope{Admin}, "", ""},
		{"nothing grants nothing", Principal{}, []Scope{CatalogRead}, Free, "catalog:read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.caller.mayGrant(c.scopes, c.plan)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}
