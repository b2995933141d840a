package timeline

import (
	"fmt"

	"almanac/internal/store"
)

// Kind is a closed set.
type Kind int

const (
	NoSuchScope    Kind = iota + 1
	NoSuchDocument      // at that key, or not at that instant
	KeyTaken            // by a live document
	ScopeExists         // also while it is being deleted
	TooLarge            // a body, or all of a commit together
	TooManyChanges      // for one commit
	ChangedTwice        // one document in one commit
	BadKey              // empty, too long or not UTF-8
	NoSuchSnapshot      // in the whole history
)

// Error is every error of a Timeline that is not the store's.
type Error struct {
	Kind      Kind
	Scope     Scope
	Key       string
	RenamedTo string // with NoSuchDocument: where the document went that last held the key
	Err       error
}

// One error of each kind that callers tell apart, for errors.Is.
var (
	ErrNoSuchScope    = &Error{Kind: NoSuchScope}
	ErrNoSuchDocument = &Error{Kind: NoSuchDocument}
	ErrKeyTaken       = &Error{Kind: KeyTaken}
	ErrScopeExists    = &Error{Kind: ScopeExists}
	ErrTooLarge       = &Error{Kind: TooLarge}
	ErrTooManyChanges = &Error{Kind: TooManyChanges}
	ErrNoSuchSnapshot = &Error{Kind: NoSuchSnapshot}
)

func (e *Error) Error() string {
	switch e.Kind {
	case NoSuchScope:
		return fmt.Sprintf("timeline: there is no %q in %q", e.Scope.ID, e.Scope.Directory)
	case ScopeExists:
		return fmt.Sprintf("timeline: there is a %q in %q already", e.Scope.ID, e.Scope.Directory)
	case NoSuchDocument:
		if e.RenamedTo != "" {
			return fmt.Sprintf("timeline: no document has the key %q; it was renamed to %q", e.Key, e.RenamedTo)
		}
		return fmt.Sprintf("timeline: no document has the key %q", e.Key)
	case NoSuchSnapshot:
		return fmt.Sprintf("timeline: no snapshot has the id %.64q", e.Key)
	case KeyTaken:
		return fmt.Sprintf("timeline: another document has the key %q", e.Key)
	case TooLarge:
		if e.Err != nil {
			return "timeline: the changes are too large for one commit: " + e.Err.Error()
		}
		return fmt.Sprintf("timeline: what %q should hold is larger than %d bytes", e.Key, MaxBody)
	case TooManyChanges:
		return fmt.Sprintf("timeline: the changes need more than the %d writes that one commit can do", store.MaxOps)
	case ChangedTwice:
		return fmt.Sprintf("timeline: the document at %q changes twice in one commit", e.Key)
	case BadKey:
		return fmt.Sprintf("timeline: a key has 1 to %d bytes of UTF-8, not %.64q", maxKey, e.Key)
	}
	return "timeline: unknown error"
}

func (e *Error) Unwrap() error { return e.Err }

// Is matches an error of the same kind, so that errors.Is(err, ErrKeyTaken)
// asks for the kind alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && *t == Error{Kind: e.Kind}
}

// failed wraps a store's error once, with what was being done.
func (s Scope) failed(doing string, err error) error {
	return fmt.Errorf("timeline: %s %q: %w", doing, s.ID, err)
}
