// Package store is the memory under everything: items under (partition, sort)
// keys, ordered by the bytes of their sort key within a partition. It has two
// implementations, bolt for a laptop and dynamo for AWS, and one suite,
// storetest, that holds both to the semantics written here.
package store

import "context"

// Key names an item. Both parts are non-empty UTF-8, a partition at most 2,048
// bytes and a sort key at most 1,024. Sort keys order by their bytes.
type Key struct{ Partition, Sort string }

// Item is what a key holds.
type Item struct {
	Key
	// Version is chosen by the writer and compared by VersionIs.
	Version int64
	Body    []byte // nil and empty are the same
	// Expires is a Unix time in seconds after which the item may be removed
	// by the store at any moment; 0 means never. Readers check it themselves.
	Expires int64
}

// Query asks for items of one partition with From <= sort < To in order, or in
// reverse order. An empty To is no bound; a Limit of 0 is none.
type Query struct {
	Partition string
	From, To  string
	Reverse   bool
	Limit     int
}

// Store is ordered items. Every read sees every write acknowledged before it
// began; what a transaction writes may be visible before that, item by item and
// in any order. All methods are safe for concurrent use. Errors are *Error, of kind
// Unavailable when ctx ends.
type Store interface {
	// Get returns the item, or an *Error of kind NotFound.
	Get(ctx context.Context, key Key) (Item, error)

	// Settled is Get when no transaction that writes the key is under way: what
	// one had made visible elsewhere before the call is then visible here. It
	// costs twice what Get does.
	Settled(ctx context.Context, key Key) (Item, error)

	// Range returns the items that a query selects; none is no error. A
	// Range is not one instant: a long one may see some later writes.
	Range(ctx context.Context, query Query) ([]Item, error)

	// Transact does all ops or none, and returns only when they are durable.
	// Each key may stand in one op; a transaction of no ops is done. Errors:
	// ConditionFailed with the index of the first op whose condition does
	// not hold; TooLarge; Invalid; Conflict or Throttled when retries ended
	// without a verdict, nothing written; Unavailable when it is not known
	// whether anything was written.
	Transact(ctx context.Context, ops ...Op) error

	Close() error
}

// Limits of a transaction, those of DynamoDB, held by every implementation.
const (
	MaxOps       = 100
	MaxItemBytes = 400 << 10 // names and values of one item, by Size
	MaxOpsBytes  = 4 << 20   // of all items of one transaction
)

// OpKind is what an op does to its key.
type OpKind int

const (
	OpPut    OpKind = iota // write Item whole
	OpDelete               // remove; removing what is not there is no error
	OpCheck                // only hold the condition
)

// Op is one step of a transaction. Of a delete or a check only Item.Key counts.
type Op struct {
	Kind OpKind
	Item Item
	If   Condition
}

// Condition must hold for a transaction to be done. The zero value always holds.
type Condition struct {
	Kind    ConditionKind
	Version int64 // of IsVersion
}

// ConditionKind says what a Condition asks of its key.
type ConditionKind int

const (
	IsAnything ConditionKind = iota
	IsAbsent
	IsVersion
)

// Absent holds when the key has no item.
func Absent() Condition { return Condition{Kind: IsAbsent} }

// VersionIs holds when the key has an item of that version.
func VersionIs(v int64) Condition { return Condition{Kind: IsVersion, Version: v} }

// Put is an op that writes item if the condition holds.
func Put(item Item, cond Condition) Op { return Op{Kind: OpPut, Item: item, If: cond} }

// Delete is an op that removes key if the condition holds.
func Delete(key Key, cond Condition) Op {
	return Op{Kind: OpDelete, Item: Item{Key: key}, If: cond}
}

// Check is an op that writes nothing but must hold.
func Check(key Key, cond Condition) Op {
	return Op{Kind: OpCheck, Item: Item{Key: key}, If: cond}
}
