package shape

// Field is a member of a partial update that tells absent, null and a value
// apart. The zero value is absent.
type Field[T any] struct {
	Present bool // the member was sent, as null or with a value
	Null    bool // it was sent as null
	Value   T    // what was sent, where it was not null
}

// Of is a Field that holds v.
func Of[T any](v T) Field[T] { return Field[T]{Present: true, Value: v} }

// Null is a Field that was sent as null.
func Null[T any]() Field[T] { return Field[T]{Present: true, Null: true} }
