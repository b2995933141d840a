package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"almanac/internal/store"
)

// A value is a checksum, the version and expiry as varints, and the body. bbolt
// keeps no checksum of its data pages, so each value carries one over its key
// and itself.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamagedItem = errors.New("a damaged item")

func encodeValue(key []byte, item store.Item) []byte {
	b := make([]byte, 4, 4+2*binary.MaxVarintLen64+len(item.Body))
	b = binary.AppendVarint(b, item.Version)
	b = binary.AppendVarint(b, item.Expires)
	b = append(b, item.Body...)
	binary.BigEndian.PutUint32(b, checksum(key, b[4:]))
	return b
}

// decodeItem copies: nothing in the item points into its arguments.
func decodeItem(key, value []byte) (store.Item, error) {
	if len(value) < 4 || binary.BigEndian.Uint32(value) != checksum(key, value[4:]) {
		return store.Item{}, fmt.Errorf("%w: its checksum does not match", errDamagedItem)
	}
	rest := value[4:]
	version, n := binary.Varint(rest)
	if n <= 0 {
		return store.Item{}, fmt.Errorf("%w: no version", errDamagedItem)
	}
	rest = rest[n:]
	expires, n := binary.Varint(rest)
	if n <= 0 {
		return store.Item{}, fmt.Errorf("%w: no expiry", errDamagedItem)
	}
	k, err := decodeKey(key)
	if err != nil {
		return store.Item{}, err
	}
	return store.Item{Key: k, Version: version, Body: bytes.Clone(rest[n:]), Expires: expires}, nil
}

func checksum(key, rest []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, rest)
}
