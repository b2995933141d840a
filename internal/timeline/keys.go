package timeline

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"almanac/internal/store"
)

// Where a scope S keeps what:
//
//	head            (directory,      id)
//	live version    (S,              CUR#key)
//	vacated key     (S,              REG#key)
//	closed version  (S#KEY#key,      V#from)
//	log             (S#LOG,          number of the commit's first event,
//	                 or that of the event before it and #revision)
//
// A prefix ends in '#', and the byte after '#' is '$': all keys with the prefix
// lie between the two.
const (
	livePrefix    = "CUR#"
	vacatedPrefix = "REG#"
	closedPrefix  = "V#"
)

// What fits the store's keys with every prefix that the layout adds.
const (
	maxKey       = 1000 // bytes
	maxPartition = 1000
)

func storableKey(key string) bool {
	return key != "" && len(key) <= maxKey && utf8.ValidString(key)
}

func (s Scope) storable() bool {
	return s.Directory != "" && storableKey(s.ID) && utf8.ValidString(s.Directory) &&
		len(s.partition()) <= maxPartition
}

// partition is injective: no '#' is left in its parts.
func (s Scope) partition() string { return "S#" + escape(s.Directory) + "#" + escape(s.ID) }

func escape(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "%", "%25"), "#", "%23")
}

func unescape(s string) string { return strings.NewReplacer("%23", "#", "%25", "%").Replace(s) }

func (s Scope) headKey() store.Key { return store.Key{Partition: s.Directory, Sort: s.ID} }

func (s Scope) liveKey(key string) store.Key {
	return store.Key{Partition: s.partition(), Sort: livePrefix + key}
}

func (s Scope) vacatedKey(key string) store.Key {
	return store.Key{Partition: s.partition(), Sort: vacatedPrefix + key}
}

func (s Scope) closedPartition(key string) string { return s.partition() + "#KEY#" + key }

func (s Scope) closedKey(key string, from Instant) store.Key {
	return store.Key{Partition: s.closedPartition(key), Sort: closedPrefix + fixed(int64(from))}
}

func (s Scope) logPartition() string { return s.partition() + "#LOG" }

// logKey is that of the commit with a revision that found the scope with
// sequence events and made some more, or none. Either way the log is in the
// order of revisions, and a commit without events lies in no page of a history
// but one with the events around it.
func (s Scope) logKey(sequence, revision int64, events int) store.Key {
	if events == 0 {
		return store.Key{Partition: s.logPartition(), Sort: logBound(sequence, revision)}
	}
	return store.Key{Partition: s.logPartition(), Sort: fixed(sequence + 1)}
}

// logBound lies after the commits before a revision, which made sequence
// events, and not after the revision's own.
func logBound(sequence, revision int64) string { return fixed(sequence) + "#" + fixed(revision) }

// untilEvent lies after the commit that made an event, and before the next.
func untilEvent(sequence int64) string { return fixed(sequence) + "!" }

func (s Scope) allLive() store.Query {
	return store.Query{Partition: s.partition(), From: livePrefix, To: "CUR$"}
}

func (s Scope) allVacated() store.Query {
	return store.Query{Partition: s.partition(), From: vacatedPrefix, To: "REG$"}
}

// floor selects the last closed version of a key that began at or before at.
func (s Scope) floor(key string, at Instant) store.Query {
	return store.Query{
		Partition: s.closedPartition(key),
		From:      closedPrefix, To: closedPrefix + fixed(min(int64(at), maxFixed-1)+1),
		Reverse: true, Limit: 1,
	}
}

// maxFixed in milliseconds lies in the year 10889.
const maxFixed = 1<<48 - 1

// fixed writes n in 12 hexadecimal digits, which order as numbers do. What is
// out of range becomes the nearest number in it.
func fixed(n int64) string { return fmt.Sprintf("%012x", min(max(n, 0), maxFixed)) }

func parseFixed(s string) (int64, error) { return strconv.ParseInt(s, 16, 64) }
