package timeline

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/google/uuid"
)

// entry is one step of a segment: a version that begins at a key, or the key
// left alone.
type entry struct {
	Snapshot // of one that ends: its key and Until alone
	vacates  bool
}

func (e entry) at() Instant {
	if e.vacates {
		return e.Until
	}
	return e.From
}

// What is random of a snapshot lies apart from what can be compressed: the
// document's id and what is not time in the snapshot's.
const randomBytes = 16 + 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// packEntries writes entries as a checksum, the random parts, and the rest
// compressed. Equal entries become equal bytes.
func packEntries(entries []entry) ([]byte, error) {
	var random []byte
	w := writer{actors: map[Actor]uint64{}}
	w.number(uint64(len(entries)))
	var last Instant
	for _, e := range entries {
		w.bool(e.vacates)
		w.text(e.Key)
		w.signed(int64(e.at() - last))
		last = e.at()
		if e.vacates {
			continue
		}
		document, err := uuid.Parse(e.DocumentID)
		if err != nil {
			return nil, fmt.Errorf("document id %q: %w", e.DocumentID, err)
		}
		id, err := uuid.Parse(e.ID)
		if err != nil || idAt(e.From, id[6:]) != e.ID {
			return nil, fmt.Errorf("snapshot id %q is not of %d", e.ID, e.From)
		}
		random = append(append(random, document[:]...), id[6:]...)
		w.text(e.Name)
		w.signed(int64(e.From - e.Created.At))
		w.actor(e.Created.By)
		w.actor(e.By)
		w.number(uint64(len(e.Body)))
		w.b = append(w.b, e.Body...)
	}
	packed := binary.AppendUvarint(make([]byte, 4), uint64(len(random)))
	packed = append(packed, random...)
	packed = deflate(packed, w.b)
	binary.BigEndian.PutUint32(packed, crc32.Checksum(packed[4:], castagnoli))
	return packed, nil
}

// unpackEntries reads what packEntries wrote, or gives errNoCheckpoint. The
// bodies share memory.
func unpackEntries(packed []byte) ([]entry, error) {
	if len(packed) < 4 || binary.BigEndian.Uint32(packed) != crc32.Checksum(packed[4:], castagnoli) {
		return nil, errNoCheckpoint
	}
	head := reader{b: packed[4:]}
	random := head.bytes()
	rest, err := inflate(head.b, math.MaxInt)
	if head.bad || err != nil {
		return nil, errNoCheckpoint
	}
	r := reader{b: rest}
	n := r.number()
	if n > uint64(len(rest)) {
		return nil, errNoCheckpoint
	}
	entries := make([]entry, 0, n)
	var last Instant
	for range n {
		e := entry{vacates: r.bool()}
		e.Key = r.text()
		last += Instant(r.signed())
		if e.vacates {
			e.Until = last
			entries = append(entries, e)
			continue
		}
		e.From = last
		if len(random) < randomBytes {
			return nil, errNoCheckpoint
		}
		e.DocumentID = uuid.UUID(random[:16]).String()
		e.ID = idAt(last, random[16:randomBytes])
		random = random[randomBytes:]
		e.Name = r.text()
		e.Created.At = last - Instant(r.signed())
		e.Created.By = r.actor()
		e.By = r.actor()
		e.Body = r.bytes()
		entries = append(entries, e)
	}
	if r.bad {
		return nil, errNoCheckpoint
	}
	return entries, nil
}

// idAt is the id of a snapshot that began at an instant.
func idAt(at Instant, random []byte) string {
	var id uuid.UUID
	for i := range 6 {
		id[i] = byte(at >> (40 - 8*i))
	}
	copy(id[6:], random)
	return id.String()
}

// packMarks writes each key by what it has not in common with the one before.
func packMarks(base Instant, marks []mark) []byte {
	if len(marks) == 0 {
		return nil
	}
	var w writer
	w.number(uint64(len(marks)))
	last := ""
	for _, m := range marks {
		common := 0
		for common < min(len(m.key), len(last)) && m.key[common] == last[common] {
			common++
		}
		w.number(uint64(common))
		w.text(m.key[common:])
		if m.at == 0 {
			w.number(0)
		} else {
			w.number(uint64(m.at-base) + 1)
		}
		last = m.key
	}
	return deflate(nil, w.b)
}

func unpackMarks(base Instant, packed []byte) ([]mark, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	b, err := inflate(packed, math.MaxInt)
	r := reader{b: b}
	n := r.number()
	if err != nil || n > uint64(len(b)) {
		return nil, errNoCheckpoint
	}
	marks := make([]mark, 0, n)
	last := ""
	for range n {
		common := r.number()
		if common > uint64(len(last)) {
			return nil, errNoCheckpoint
		}
		m := mark{key: last[:common] + r.text()}
		if at := r.number(); at != 0 {
			m.at = base + Instant(at-1)
		}
		marks = append(marks, m)
		last = m.key
	}
	if r.bad {
		return nil, errNoCheckpoint
	}
	return marks, nil
}

// writer appends numbers and texts.
type writer struct {
	b      []byte
	actors map[Actor]uint64
}

func (w *writer) number(n uint64) { w.b = binary.AppendUvarint(w.b, n) }
func (w *writer) signed(n int64)  { w.b = binary.AppendVarint(w.b, n) }
func (w *writer) text(s string)   { w.number(uint64(len(s))); w.b = append(w.b, s...) }

func (w *writer) bool(is bool) {
	if is {
		w.number(1)
	} else {
		w.number(0)
	}
}

// actor writes an actor whole once, then by its number.
func (w *writer) actor(a Actor) {
	n, known := w.actors[a]
	if !known {
		n = uint64(len(w.actors))
		w.actors[a] = n
	}
	w.number(n)
	if !known {
		w.text(a.ID)
		w.text(a.Name)
		w.text(a.Type)
	}
}

// reader takes numbers and texts from b until it is bad.
type reader struct {
	b      []byte
	bad    bool
	actors []Actor
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	return n * r.took(size)
}

func (r *reader) signed() int64 {
	n, size := binary.Varint(r.b)
	return n * int64(r.took(size))
}

// took is 1 where a number of so many bytes was read, else 0.
func (r *reader) took(size int) uint64 {
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return 1
}

func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) text() string { return string(r.bytes()) }
func (r *reader) bool() bool   { return r.number() != 0 }

func (r *reader) actor() Actor {
	n := r.number()
	if n < uint64(len(r.actors)) {
		return r.actors[n]
	}
	r.actors = append(r.actors, Actor{r.text(), r.text(), r.text()})
	return r.actors[len(r.actors)-1]
}
