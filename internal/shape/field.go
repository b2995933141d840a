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

// partial is what every Field is, whatever it holds.
type partial interface{ partial() }

func (Field[T]) partial() {}

// Set moves what was sent to where it is kept: absent leaves it, null makes it
// the zero value.
func (f Field[T]) Set(kept *T) {
	if f.Present {
		*kept = f.Value
	}
}

// SetOptional is Set for a value that may be unset: null unsets it.
func (f Field[T]) SetOptional(kept **T) {
	switch {
	case f.Null:
		*kept = nil
	case f.Present:
		*kept = &f.Value
	}
}
