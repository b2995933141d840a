package bolt

import (
	"bytes"
	"fmt"

	"almanac/internal/store"
)

// A key is the partition, separator, and the sort key. No UTF-8 text holds the
// byte 0xFF, so the encoding needs no escapes: two keys never share one, a
// partition is one run of keys, and within it they order as their sort keys.
const separator = 0xFF

func encodeKey(key store.Key) []byte {
	b := make([]byte, 0, len(key.Partition)+1+len(key.Sort))
	b = append(b, key.Partition...)
	b = append(b, separator)
	return append(b, key.Sort...)
}

func decodeKey(b []byte) (store.Key, error) {
	partition, sort, ok := bytes.Cut(b, []byte{separator})
	if !ok {
		return store.Key{}, fmt.Errorf("%w: no separator in its key", errDamagedItem)
	}
	return store.Key{Partition: string(partition), Sort: string(sort)}, nil
}

// bounds returns the encoded keys low <= key < high that a query selects.
func bounds(q store.Query) (low, high []byte) {
	low = encodeKey(store.Key{Partition: q.Partition, Sort: q.From})
	if q.To == "" {
		return low, encodeKey(store.Key{Partition: q.Partition, Sort: string([]byte{separator})})
	}
	return low, encodeKey(store.Key{Partition: q.Partition, Sort: q.To})
}
