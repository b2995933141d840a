package store

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Limits of keys, those of DynamoDB.
const (
	MaxPartitionBytes = 2048
	MaxSortBytes      = 1024
)

// ValidateKey returns an *Error of kind Invalid for a key that no item can have.
func ValidateKey(key Key) error {
	if err := keyError(key); err != nil {
		return &Error{Kind: Invalid, Op: -1, Key: key, Err: err}
	}
	return nil
}

// ValidateQuery returns an *Error of kind Invalid for a query that cannot be
// asked. One that selects nothing is valid.
func ValidateQuery(q Query) error {
	err := errors.Join(
		part("partition", q.Partition, MaxPartitionBytes),
		bound("from", q.From),
		bound("to", q.To),
	)
	if err == nil && q.Limit < 0 {
		err = fmt.Errorf("the limit %d is negative", q.Limit)
	}
	if err != nil {
		return &Error{Kind: Invalid, Op: -1, Err: err}
	}
	return nil
}

// Validate returns an *Error of kind Invalid or TooLarge for a transaction that
// no implementation may take, whatever the store holds.
func Validate(ops ...Op) error {
	if len(ops) > MaxOps {
		return &Error{Kind: TooLarge, Op: -1, Err: fmt.Errorf("%d ops are more than %d", len(ops), MaxOps)}
	}
	total := 0
	seen := make(map[Key]struct{}, len(ops))
	for i, op := range ops {
		fail := func(kind ErrorKind, err error) error {
			return &Error{Kind: kind, Op: i, Key: op.Item.Key, Err: err}
		}
		if err := keyError(op.Item.Key); err != nil {
			return fail(Invalid, err)
		}
		if _, twice := seen[op.Item.Key]; twice {
			return fail(Invalid, errors.New("the key stands in an earlier op"))
		}
		seen[op.Item.Key] = struct{}{}
		if op.Kind < OpPut || op.Kind > OpCheck {
			return fail(Invalid, fmt.Errorf("%d is no kind of op", op.Kind))
		}
		if op.If.Kind < IsAnything || op.If.Kind > IsVersion {
			return fail(Invalid, fmt.Errorf("%d is no kind of condition", op.If.Kind))
		}
		if op.Kind == OpCheck && op.If.Kind == IsAnything {
			return fail(Invalid, errors.New("a check needs a condition"))
		}
		if op.Kind != OpPut {
			continue
		}
		if op.Item.Expires < 0 {
			return fail(Invalid, errors.New("the expiry is before 1970"))
		}
		size := Size(op.Item)
		if size > MaxItemBytes {
			return fail(TooLarge, fmt.Errorf("the item has %d bytes, more than %d", size, MaxItemBytes))
		}
		total += size
	}
	if total > MaxOpsBytes {
		return &Error{Kind: TooLarge, Op: -1, Err: fmt.Errorf("the items have %d bytes, more than %d", total, MaxOpsBytes)}
	}
	return nil
}

func keyError(key Key) error {
	return errors.Join(
		part("partition", key.Partition, MaxPartitionBytes),
		part("sort key", key.Sort, MaxSortBytes),
	)
}

func part(name, s string, limit int) error {
	switch {
	case s == "":
		return fmt.Errorf("the %s is empty", name)
	case len(s) > limit:
		return fmt.Errorf("the %s has %d bytes, more than %d", name, len(s), limit)
	case !utf8.ValidString(s):
		return fmt.Errorf("the %s is not UTF-8", name)
	}
	return nil
}

func bound(name, s string) error {
	if s == "" {
		return nil
	}
	return part(name, s, MaxSortBytes)
}
