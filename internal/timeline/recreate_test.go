package timeline

import "testing"

func TestADocumentMadeAgainIsTracedFromWhatItWasWhileItHasItsKey(t *testing.T) {
	b := setUp(t, openBolt(t))
	made := b.commit(creation("a", "1")).Updated.At
	again := func(was Snapshot) func(*Tx) error {
		return func(tx *Tx) error { _, err := tx.Recreate(was); return err }
	}
	at := func(instant Instant) Snapshot {
		t.Helper()
		s, err := b.GetAt(t.Context(), shop, "a", instant)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	traced := func(was Snapshot) (body string) {
		t.Helper()
		b.commit(func(tx *Tx) error {
			now, ok, err := tx.Trace(was)
			if ok {
				body = string(now.Body)
			}
			return err
		})
		return body
	}
	first := at(made)
	b.commit(deletion("a"))
	if got := traced(first); got != "" {
		t.Errorf("a deleted document is %q", got)
	}
	b.commit(again(first))
	b.commit(update("a", "2"))
	second := at(b.commit(update("a", "3")).Updated.At)
	if second.DocumentID == first.DocumentID || second.Created == first.Created {
		t.Errorf("%+v is still %+v", second, first)
	}
	if got := traced(first); got != "3" {
		t.Errorf("made again it is %q", got)
	}
	b.commit(deletion("a"))
	b.commit(again(second))
	for name, was := range map[string]Snapshot{"the first": first, "the second": second} {
		if got := traced(was); got != "3" {
			t.Errorf("%s, made again from the second, is %q", name, got)
		}
	}
	b.commit(renaming("a", "b", "4"))
	b.commit(creation("a", "another"))
	for name, was := range map[string]Snapshot{"the first": first, "the second": second} {
		if got := traced(was); got != "" {
			t.Errorf("%s, whose key another document has, is %q", name, got)
		}
	}
}
