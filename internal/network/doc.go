// Package network is which hosts an organisation has, with their interfaces and
// ports, and where its services listen. The rules of bindings are pure
// functions on plain values.
package network
