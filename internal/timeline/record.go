package timeline

import (
	"strings"

	"almanac/internal/store"
)

// What records hold. Member names are short because writes are billed by the
// kilobyte.

type stampRecord struct {
	At millis `json:"a"`
	By Actor  `json:"b"`
}

// millis is an Instant that JSON shows as its number, half as long as its text.
type millis int64

type headRecord struct {
	Created  stampRecord `json:"c"`
	Updated  stampRecord `json:"u"`
	Sequence int64       `json:"q"`
	Revision int64       `json:"r"`
	Live     int         `json:"l"`
	Birth    string      `json:"o"`
	Commit   string      `json:"i"`
	Deleting bool        `json:"x,omitzero"`
	Ending   bool        `json:"z,omitzero"`
	Ended    bool        `json:"e,omitzero"`
	Lease    millis      `json:"w,omitzero"`
	Wrote    []written   `json:"k,omitzero"`
	Logs     []int       `json:"m,omitzero"`
}

// A closed version has no From, which its key tells, and no Since: so it is
// never larger than it was as the live version. The one that a rename wrote
// keeps the key before it, so that a document's past is found from its end.
type versionRecord struct {
	DocumentID string      `json:"d"`
	Origin     string      `json:"o,omitzero"`
	ID         string      `json:"s"`
	Name       string      `json:"m"`
	Created    stampRecord `json:"c"`
	By         Actor       `json:"b"`
	Previous   string      `json:"p,omitzero"` // the key before, of a rename
	Since      millis      `json:"n,omitzero"` // when the document took this key
	From       millis      `json:"f,omitzero"`
	Until      millis      `json:"u,omitzero"`
	HeadTells  bool        `json:"w,omitzero"`
}

// vacatedRecord tells between which instants a key was held, with gaps. It
// outlives reuse of the key: a list that read the live versions before the
// reuse and the vacated keys after it would lose the document otherwise.
type vacatedRecord struct {
	First      millis `json:"f"`          // from of the first version ever
	Last       millis `json:"u"`          // until of the last incarnation that ended
	Since      millis `json:"n"`          // from of that incarnation
	DocumentID string `json:"d"`          // of that incarnation
	RenamedTo  string `json:"r,omitzero"` // empty: it ended by a delete
	// Of a delete: its event's id, the document's last name, and by whom.
	EventID string `json:"s,omitzero"`
	Name    string `json:"m,omitzero"`
	By      Actor  `json:"b,omitzero"`
}

// heldAt tells whether the document that left the key last held it at an instant.
func (r vacatedRecord) heldAt(at Instant) bool { return Instant(r.Since) <= at && at < Instant(r.Last) }

// The body of a log record is that of the scope, where the commit changed it.
type logRecord struct {
	At       millis        `json:"a"`
	By       Actor         `json:"b"`
	Commit   string        `json:"i"`
	Revision int64         `json:"r"`
	Change   ChangeType    `json:"t,omitzero"` // of the scope itself
	Events   []eventRecord `json:"e,omitzero"`
}

type eventRecord struct {
	Type        ChangeType `json:"t"`
	SnapshotID  string     `json:"s"`
	DocumentID  string     `json:"d"`
	Key         string     `json:"k"`
	PreviousKey string     `json:"p,omitempty"`
	Name        string     `json:"m"`
}

// live is a document's open version and when it took its key.
type live struct {
	Snapshot
	since    Instant
	previous string // the key before, where a rename wrote this version
	// headTells is of what a Draft wrote, and nobody since, and of all in a scope
	// that ends: whether it is seen depends on the head.
	headTells bool
}

func (s Stamp) record() stampRecord { return stampRecord{millis(s.At), s.By} }
func (r stampRecord) stamp() Stamp  { return Stamp{Instant(r.At), r.By} }

func (h Head) item(scope Scope) store.Item {
	return pack(store.Item{Key: scope.headKey(), Version: h.version, Body: encode(headRecord{
		Created: h.Created.record(), Updated: h.Updated.record(),
		Sequence: h.Sequence, Revision: h.Revision, Live: h.Live,
		Birth: h.birth, Commit: h.commit, Deleting: h.deleting, Ending: h.ending, Ended: h.ended, Lease: millis(h.lease),
		Wrote: h.wrote, Logs: h.logs,
	}, h.Body)})
}

func decodeHead(item store.Item) (Head, error) {
	var r headRecord
	body, err := decode(item, &r)
	return Head{
		ID: item.Sort, Body: body, Created: r.Created.stamp(), Updated: r.Updated.stamp(),
		Sequence: r.Sequence, Revision: r.Revision, Live: r.Live,
		version: item.Version, birth: r.Birth, commit: r.Commit,
		deleting: r.Deleting, ending: r.Ending, ended: r.Ended, lease: Instant(r.Lease),
		wrote: r.Wrote, logs: r.Logs,
	}, err
}

func (s Snapshot) record() versionRecord {
	return versionRecord{
		DocumentID: s.DocumentID, Origin: s.Origin, ID: s.ID, Name: s.Name, Created: s.Created.record(), By: s.By,
	}
}

func (r versionRecord) snapshot(key string, body []byte) Snapshot {
	return Snapshot{
		Key: key, DocumentID: r.DocumentID, Origin: r.Origin, ID: r.ID, Name: r.Name, Created: r.Created.stamp(),
		From: Instant(r.From), By: r.By, Until: Instant(r.Until), Body: body,
	}
}

func (l live) item(scope Scope) store.Item {
	r := l.record()
	r.Since, r.From, r.Previous, r.HeadTells = millis(l.since), millis(l.From), l.previous, l.headTells
	return pack(store.Item{Key: scope.liveKey(l.Key), Body: encode(r, l.Body)})
}

func decodeLive(item store.Item) (live, error) {
	var r versionRecord
	body, err := decode(item, &r)
	return live{r.snapshot(strings.TrimPrefix(item.Sort, livePrefix), body), Instant(r.Since), r.Previous, r.HeadTells}, err
}

// closed is a version that has ended.
type closed struct {
	Snapshot
	previous string // the key before, where a rename wrote this version
}

func (c closed) item(scope Scope) store.Item {
	r := c.record()
	r.Until, r.Previous = millis(c.Until), c.previous
	return pack(store.Item{Key: scope.closedKey(c.Key, c.From), Body: encode(r, c.Body)})
}

func decodeClosed(key string, item store.Item) (closed, error) {
	var r versionRecord
	body, err := decode(item, &r)
	if err != nil {
		return closed{}, err
	}
	from, err := parseFixed(strings.TrimPrefix(item.Sort, closedPrefix))
	if err != nil {
		return closed{}, damaged(item, err)
	}
	r.From = millis(from)
	return closed{r.snapshot(key, body), r.Previous}, nil
}

func (r vacatedRecord) item(scope Scope, key string) store.Item {
	return store.Item{Key: scope.vacatedKey(key), Body: encode(r, nil)}
}

func decodeVacated(item store.Item) (r vacatedRecord, err error) {
	_, err = decode(item, &r)
	return r, err
}

// log is the item that tells of the commit which left the scope as h.
func (h Head) log(scope Scope, change ChangeType, events []eventRecord) store.Item {
	r := logRecord{
		At: millis(h.Updated.At), By: h.Updated.By, Commit: h.commit,
		Revision: h.Revision, Change: change, Events: events,
	}
	var body []byte
	if change != "" {
		body = h.Body
	}
	return pack(store.Item{
		Key:  scope.logKey(h.Sequence-int64(len(events)), h.Revision, len(events)),
		Body: encode(r, body),
	})
}

// decodeLog also gives the number of the commit's last event, or of the event before it.
func decodeLog(item store.Item) (r logRecord, body []byte, last int64, err error) {
	if body, err = decode(item, &r); err != nil {
		return r, nil, 0, err
	}
	number, _, _ := strings.Cut(item.Sort, "#")
	if last, err = parseFixed(number); err != nil {
		return r, nil, 0, damaged(item, err)
	}
	if n := int64(len(r.Events)); n > 0 {
		last += n - 1
	}
	return r, body, last, nil
}
