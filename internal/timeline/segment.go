package timeline

import (
	"errors"
	"strings"

	"almanac/internal/store"
)

// A checkpoint is a list at an instant, compressed. Between one and the next
// lie deltas: what changed, in order, with the bodies. Both are segments; those
// from one list to the next are an epoch. The first epoch begins with the empty
// list, which nobody wrote. Where the checkpoints of a scope S are:
//
//	manifest of a segment   (S#CP#birth, IDX#end#0 of a delta, IDX#end#1 of a list)
//	its data                (S#CP#birth, PART#epoch#index#number)
//	what ended in an epoch  (S#CP#birth, ENDS#epoch#0)
//	when what an epoch left
//	to the next one ended   (S#CP#birth, ENDS#epoch#1)
//
// All of it is derived from the log and the versions. None of it is changed
// but the last, which is written anew when the history since has doubled: an
// epoch is asked once for when all that it left ended, and where it does not
// know, a later epoch is, at most the binary logarithm of their number in all.

// segment is a manifest: what a segment says of itself.
type segment struct {
	Epoch    int64  `json:"e"` // from 0
	Index    int    `json:"x"` // in its epoch; 0 is the list
	After    millis `json:"a"` // the segment tells of (After, End]
	End      millis `json:"u"`
	Sequence int64  `json:"q"` // events up to End
	Begin    millis `json:"f"` // End of the epoch's list
	Parts    int    `json:"p"` // items of data of the epoch so far
	Bytes    int    `json:"n"` // of the data and manifests of the epoch so far
	List     int    `json:"b"` // of those, what the list has
	Live     int    `json:"l"` // documents at End
	Size     int    `json:"s"` // bytes that a live version has in the store, on average
	Body     int    `json:"y"` // bytes of its body, on average

	ended []mark // of a delta: which keys' versions ended or began, and when
}

// mark is an instant of a key: the end of a version at it, its beginning, or
// both. Zero is for a version that had not ended yet.
type mark struct {
	key string
	at  Instant
}

const (
	manifestPrefix = "IDX#"
	partPrefix     = "PART#"
	endsPrefix     = "ENDS#"
	// partBytes is how much data one item holds.
	partBytes = 350 << 10
)

func (s Scope) checkpointPartition(birth string) string { return s.partition() + "#CP#" + birth }

// checkpoints selects all that belongs to the checkpoints of the scope that was
// born so. Manifests come first: each is written only where the one before is,
// and data with it, so that once none is left, none comes.
func (s Scope) checkpoints(birth string) store.Query {
	return store.Query{Partition: s.checkpointPartition(birth)}
}

func manifestSort(end Instant, index int) string {
	if index == 0 {
		return manifestPrefix + fixed(int64(end)) + "#1"
	}
	return manifestPrefix + fixed(int64(end)) + "#0"
}

// manifestsFrom selects the manifests of segments that end at an instant or after.
func (s Scope) manifestsFrom(birth string, end Instant) store.Query {
	return store.Query{Partition: s.checkpointPartition(birth), From: manifestSort(end, 1), To: "IDX$"}
}

func (s Scope) partKey(birth string, epoch int64, index, number int) store.Key {
	return store.Key{Partition: s.checkpointPartition(birth), Sort: partSort(epoch, index) + "#" + fixed(int64(number))}
}

func partSort(epoch int64, index int) string {
	return partPrefix + fixed(epoch) + "#" + fixed(int64(index))
}

// data selects the data of an epoch up to a segment.
func (s Scope) data(birth string, m segment) store.Query {
	return store.Query{
		Partition: s.checkpointPartition(birth),
		From:      partSort(m.Epoch, 0), To: partSort(m.Epoch, m.Index) + "$",
	}
}

// endsQuery selects what tells of the ends of an epoch's versions.
func (s Scope) endsQuery(birth string, epoch int64) store.Query {
	return store.Query{
		Partition: s.checkpointPartition(birth),
		From:      endsPrefix + fixed(epoch) + "#", To: endsPrefix + fixed(epoch) + "$",
	}
}

func (s Scope) endedKey(birth string, epoch int64) store.Key {
	return store.Key{Partition: s.checkpointPartition(birth), Sort: endsPrefix + fixed(epoch) + "#0"}
}

func (s Scope) leftKey(birth string, epoch int64) store.Key {
	return store.Key{Partition: s.checkpointPartition(birth), Sort: endsPrefix + fixed(epoch) + "#1"}
}

func (m segment) key(scope Scope, birth string) store.Key {
	return store.Key{Partition: scope.checkpointPartition(birth), Sort: manifestSort(Instant(m.End), m.Index)}
}

// manifestVersion is the version of every manifest; that it is there is all that
// the next one's writer asks.
const manifestVersion = 1

func (m segment) item(scope Scope, birth string) store.Item {
	return store.Item{
		Key: m.key(scope, birth), Version: manifestVersion,
		Body: encode(m, packMarks(Instant(m.After), m.ended)),
	}
}

func decodeSegment(item store.Item) (m segment, err error) {
	body, err := decode(item, &m)
	if err == nil {
		m.ended, err = unpackMarks(Instant(m.After), body)
	}
	if err != nil {
		err = errNoCheckpoint
	}
	return m, err
}

// left is when the versions ended that an epoch left to the next one, as far as
// the epoch Known began without them. All of them are in it.
type left struct {
	Epoch int64  `json:"e"`
	Begin millis `json:"f"` // of the next epoch
	Known int64  `json:"k"`

	marks []mark // in the order of their keys
}

func (l left) item(scope Scope, birth string) store.Item {
	return store.Item{Key: scope.leftKey(birth, l.Epoch), Body: encode(l, packMarks(Instant(l.Begin), l.marks))}
}

func decodeLeft(item store.Item) (l left, err error) {
	body, err := decode(item, &l)
	if err == nil {
		l.marks, err = unpackMarks(Instant(l.Begin), body)
	}
	if err != nil {
		err = errNoCheckpoint
	}
	return l, err
}

// errNoCheckpoint tells that the checkpoints do not know an answer: there are
// none, or some of them were deleted or damaged.
var errNoCheckpoint = errors.New("no checkpoint")

// joined puts the data of an epoch's segments together again, by their index.
// It is errNoCheckpoint when some of the items of m are missing.
func joined(items []store.Item, m segment) ([][]byte, error) {
	if len(items) != m.Parts {
		return nil, errNoCheckpoint
	}
	data := make([][]byte, m.Index+1)
	for _, item := range items {
		words := strings.Split(item.Sort, "#")
		if len(words) != 4 {
			return nil, errNoCheckpoint
		}
		index, err := parseFixed(words[2])
		if err != nil || index > int64(m.Index) {
			return nil, errNoCheckpoint
		}
		data[index] = append(data[index], item.Body...)
	}
	return data, nil
}
