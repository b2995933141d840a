package timeline

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"almanac/internal/store"
)

// A record is one line of JSON with our facts, then the domain's body, byte for
// byte. A packed one is packedMark, which no JSON begins with, then the length
// of the record, then the record in DEFLATE.

const (
	packedMark = 'z'
	// maxRecord is how long a record can be, packed or not: whoever reads an
	// item knows how much memory it takes.
	maxRecord = store.MaxItemBytes
)

func encode(facts any, body []byte) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b) // ends in the newline that parts facts from body
	e.SetEscapeHTML(false)
	if err := e.Encode(facts); err != nil {
		panic(err) // strings and numbers always encode
	}
	b.Write(body)
	return b.Bytes()
}

// pack compresses a record where that saves a unit of what a write of its item
// costs. So small ones stay as they are, and what cannot be compressed.
func pack(item store.Item) store.Item {
	cost := store.WriteUnits(0, store.Size(item))
	if cost == store.WriteUnits(0, 0) || len(item.Body) > maxRecord {
		return item
	}
	packed := item
	packed.Body = deflate([]byte{packedMark}, item.Body)
	if store.WriteUnits(0, store.Size(packed)) < cost {
		return packed
	}
	return item
}

// decode reads a record, packed or not. Its error is the store's, of kind
// Damaged.
func decode(item store.Item, facts any) (body []byte, err error) {
	record := item.Body
	if packed, ok := bytes.CutPrefix(record, []byte{packedMark}); ok {
		if record, err = inflate(packed, maxRecord); err != nil {
			return nil, damaged(item, err)
		}
	}
	line, body, ok := bytes.Cut(record, []byte("\n"))
	if !ok {
		return nil, damaged(item, errors.New("no line of facts"))
	}
	if err := json.Unmarshal(line, facts); err != nil {
		return nil, damaged(item, err)
	}
	return body, nil
}

func damaged(item store.Item, err error) error {
	return &store.Error{Kind: store.Damaged, Op: -1, Key: item.Key, Err: err}
}

// DEFLATE by the standard library: see docs/stack.md for what was measured.
var (
	deflaters = sync.Pool{New: func() any {
		w, err := flate.NewWriter(nil, flate.DefaultCompression)
		if err != nil {
			panic(err) // the level is right
		}
		return w
	}}
	inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}
)

// deflate appends the length of b and b compressed.
func deflate(to, b []byte) []byte {
	out := bytes.NewBuffer(binary.AppendUvarint(to, uint64(len(b))))
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(out)
	_, _ = w.Write(b) // a Buffer takes all
	_ = w.Close()
	return out.Bytes()
}

// mostDeflated is by how much DEFLATE makes anything smaller, at most.
const mostDeflated = 1032

var errDeflated = errors.New("not what was compressed")

// inflate reads what deflate wrote of most bytes at most, to the end.
func inflate(packed []byte, most int) ([]byte, error) {
	n, size := binary.Uvarint(packed)
	if size <= 0 || n > mostDeflated*uint64(len(packed)) || n > uint64(most) {
		return nil, errDeflated
	}
	r := inflaters.Get().(io.Reader)
	defer inflaters.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(packed[size:]), nil); err != nil {
		return nil, errDeflated
	}
	b := make([]byte, n+1)
	if _, err := io.ReadFull(r, b[:n]); err != nil {
		return nil, errDeflated
	}
	if more, err := r.Read(b[n:]); more > 0 || err != io.EOF {
		return nil, errDeflated
	}
	return b[:n:n], nil
}
