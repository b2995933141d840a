// Package timeline keeps every version of what it holds. A scope (a project, a
// network) holds documents by key; a commit changes some of them at one
// instant, all or nothing. Every version holds on [from, until), and what held
// at an instant up to the scope's last commit never changes again.
package timeline

import (
	"cmp"
	"time"

	"almanac/internal/store"
)

// Timeline is all scopes of one store. It is safe for concurrent use.
type Timeline struct {
	store store.Store
	now   func() time.Time
	turns turns

	wholes wholes
}

// New makes a Timeline that asks now for the time of each write. A clock that
// stands still or goes back is no harm: instants of a scope always grow.
func New(s store.Store, now func() time.Time) *Timeline {
	return &Timeline{store: s, now: now}
}

// Scope names one timeline. Directory is the partition that lists all scopes of
// one sort of one workspace, and ID this scope's sort key in it. A directory
// does not begin with "S#", which is where scopes keep their documents.
type Scope struct{ Directory, ID string }

// Actor is who wrote.
type Actor struct {
	ID   string `json:"i"`
	Name string `json:"n"`
	Type string `json:"t"` // "MEMBER" or "API_KEY"
}

// Stamp is a write: when, and by whom.
type Stamp struct {
	At Instant
	By Actor
}

// Head is a scope as its last commit left it.
type Head struct {
	ID       string
	Body     []byte // the scope's own facts, as its domain wrote them
	Created  Stamp
	Updated  Stamp // the last commit, of the body or of any document
	Sequence int64 // events so far
	Revision int64 // commits so far, the one that made the scope among them
	Live     int   // documents

	wrote    []written // by the last commit
	logs     []int     // events of each item that tells of the last commit
	version  int64     // of the item; each write adds one
	birth    string    // the commit that made the scope
	commit   string    // the last commit
	deleting bool
	ending   bool    // all live versions that are written let the head tell whether they are seen
	ended    bool    // at Updated; what was before can be read
	lease    Instant // of a Draft: until then its writer may be at it
}

// Snapshot is one version of a document.
type Snapshot struct {
	Key        string
	DocumentID string // a UUID, the same over updates and renames
	Origin     string // of one that was made again: the id of the document that it was at first
	ID         string // a UUIDv7 whose time is From
	Name       string
	Created    Stamp // of the document
	From       Instant
	By         Actor   // who wrote this version
	Until      Instant // zero while the snapshot is open
	Body       []byte  // as the domain wrote it
}

// origin is the id of the document that this one was at first.
func (s Snapshot) origin() string { return cmp.Or(s.Origin, s.DocumentID) }

// Closed tells whether a later version, a rename or a delete ended the snapshot.
func (s Snapshot) Closed() bool { return s.Until != 0 }

// ChangeType is what an event did to its document.
type ChangeType string

const (
	Create ChangeType = "CREATE"
	Update ChangeType = "UPDATE" // a rename, too
	Delete ChangeType = "DELETE"
)

// Event is one document's part in a commit.
type Event struct {
	// Sequence counts the scope's events from 1. Events of one commit are
	// numbered downwards, so that a history with the newest first shows
	// them in the order in which they were made.
	Sequence    int64
	SnapshotID  string // of the snapshot it opened; an id of its own for a DELETE
	DocumentID  string
	Key         string
	PreviousKey string // of a rename
	Name        string
	Type        ChangeType
	At          Instant
	By          Actor
}
