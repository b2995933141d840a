package bolt

import (
	"bytes"
	"iter"

	"almanac/internal/store"

	"go.etcd.io/bbolt"
)

// get reads one item.
func get(b *bbolt.Bucket, key []byte) (item store.Item, found bool, err error) {
	value := b.Get(key)
	if value == nil {
		return store.Item{}, false, nil
	}
	item, err = decodeItem(key, value)
	return item, err == nil, err
}

// walk yields the encoded items that a query selects, without its limit.
func walk(c *bbolt.Cursor, q store.Query) iter.Seq2[[]byte, []byte] {
	low, high := bounds(q)
	if q.Reverse {
		return func(yield func(k, v []byte) bool) {
			k, v := c.Seek(high)
			if k == nil {
				k, v = c.Last()
			}
			for k != nil && bytes.Compare(k, high) >= 0 {
				k, v = c.Prev()
			}
			for k != nil && bytes.Compare(k, low) >= 0 && yield(k, v) {
				k, v = c.Prev()
			}
		}
	}
	return func(yield func(k, v []byte) bool) {
		k, v := c.Seek(low)
		for k != nil && bytes.Compare(k, high) < 0 && yield(k, v) {
			k, v = c.Next()
		}
	}
}
