package api

import (
	"net/http"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

func newIssuer(d Deps) *tenant.Issuer {
	return tenant.NewIssuer(d.Store, d.Now, d.Gateway)
}

const (
	keysPath = "/v1/keys"
	keyPath  = keysPath + "/{keyId}"
)

func CreateKey() Endpoint {
	return answering(Endpoint{
		ID: "createKey", Method: http.MethodPost, Path: keysPath,
		Summary: "Make a key of the workspace; its secret is shown only now", Scope: tenant.Admin, Access: MayRange | MayPut | MayDelete, Plans: MayAttach | MayDetach, Secret: true,
		Errors: []*fault.Error{tenant.ErrKeyLimit},
	}, newIssuer, (*tenant.Issuer).CreateKey)
}

func ListKeys() Endpoint {
	return answering(Endpoint{
		ID: "listKeys", Method: http.MethodGet, Path: keysPath,
		Summary: "List all keys of the workspace, newest first", Scope: tenant.Admin, Access: MayRange,
	}, newIssuer, (*tenant.Issuer).ListKeys)
}

func GetKey() Endpoint {
	return answering(Endpoint{
		ID: "getKey", Method: http.MethodGet, Path: keyPath,
		Summary: "Read a key, never its secret", Scope: tenant.Admin, Access: MayGet,
		Errors: []*fault.Error{tenant.ErrKeyNotFound},
	}, newIssuer, (*tenant.Issuer).GetKey)
}

func DeleteKey() Endpoint {
	return silent(Endpoint{
		ID: "deleteKey", Method: http.MethodDelete, Path: keyPath,
		Summary: "Revoke a key with all its secrets; it opens nothing from now on", Scope: tenant.Admin, Access: MayGet | MayRange | MayPut | MayDelete, Plans: MayDetach,
		Errors: []*fault.Error{tenant.ErrKeyNotFound},
	}, newIssuer, (*tenant.Issuer).DeleteKey)
}

func RotateKey() Endpoint {
	return answering(Endpoint{
		ID: "rotateKey", Method: http.MethodPost, Path: keyPath + "/rotate",
		Summary: "Give a key a new secret; the one before works for 24 hours more", Scope: tenant.Admin, Access: MayGet | MayPut, Secret: true,
		Errors: []*fault.Error{tenant.ErrKeyNotFound, tenant.ErrKeyConflict},
	}, newIssuer, (*tenant.Issuer).RotateKey)
}
