package store

import (
	"errors"
	"fmt"
)

// ErrorKind is a closed set.
type ErrorKind int

const (
	NotFound        ErrorKind = iota + 1 // Get: no such item
	ConditionFailed                      // Transact: nothing written; Op says which
	Conflict                             // Transact: lost to concurrent transactions until the retries ended; nothing written
	Throttled                            // the store asks to slow down; nothing written
	TooLarge                             // an item or a transaction is over the limits; nothing written
	Invalid                              // a malformed key, query or transaction; nothing written
	Unavailable                          // no answer; a Transact may or may not have been done
	Damaged                              // what the store holds cannot be read
)

// Error is every error of a Store.
type Error struct {
	Kind ErrorKind
	Op   int // index of the op that failed; -1 where there is none
	Key  Key // of that op, or of the Get
	Err  error
}

var kindNames = map[ErrorKind]string{
	NotFound: "not found", ConditionFailed: "condition failed", Conflict: "conflict",
	Throttled: "throttled", TooLarge: "too large", Invalid: "invalid",
	Unavailable: "unavailable", Damaged: "damaged",
}

func (e *Error) Error() string {
	s := "store: " + kindNames[e.Kind]
	if e.Op >= 0 && e.Kind != NotFound {
		s += fmt.Sprintf(" (op %d)", e.Op)
	}
	if e.Key != (Key{}) {
		s += fmt.Sprintf(" at %q %q", e.Key.Partition, e.Key.Sort)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf gives the kind of err, or 0 where err is not a store's.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}
