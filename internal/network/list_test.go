package network

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
)

// query decodes the parameters of a list as the API does.
func query[T any](t *testing.T, text string) (in T, err error) {
	t.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	err = shape.NewParams(reflect.TypeFor[T]()).Decode(func(string) string { return "" }, values, func(string) []string { return nil }, &in)
	return in, err
}

func TestAPageIsCutByLimitAndOffset(t *testing.T) {
	all := make([]int, 1200)
	for i := range all {
		all[i] = i
	}
	for _, c := range []struct {
		query        string
		first, count int
		limit        int
		more         bool
	}{
		{"", 0, 50, 50, true},
		{"limit=7", 0, 7, 7, true},
		{"limit=7&offset=5", 5, 7, 7, true},
		{"limit=7&offset=1193", 1193, 7, 7, false},
		{"limit=7&offset=1196", 1196, 4, 7, false},
		{"offset=1200", 0, 0, 50, false},
		{"offset=999999", 0, 0, 50, false},
		{"limit=0", 0, 1200, 0, false},
		{"limit=0&offset=10", 10, 1190, 0, false},
		{"limit=1000", 0, 1000, 1000, true},
		{"limit=1001", 0, 1000, 1000, true},
		{"limit=2147483647", 0, 1000, 1000, true},
	} {
		in, err := query[Paging](t, c.query)
		if err != nil {
			t.Fatal(err)
		}
		l, err := page(all, in)
		if err != nil || l.Total != 1200 || l.Limit != c.limit || l.Offset != in.Offset || len(l.Items) != c.count || l.HasMore() != c.more {
			t.Errorf("%q: %d of %d, limit %d, offset %d, more %v, %v", c.query, len(l.Items), l.Total, l.Limit, l.Offset, l.HasMore(), err)
		}
		if l.Items == nil || c.count > 0 && l.Items[0] != c.first {
			t.Errorf("%q: begins with %v", c.query, l.Items)
		}
	}
}

func TestAPageThatAFunctionCannotCarryGoesOnOnTheNextOne(t *testing.T) {
	all := slices.Repeat([]string{strings.Repeat("x", 1<<20)}, 10)
	for offset := 0; offset < 10; {
		l, err := page(all, Paging{Offset: offset})
		if err != nil || len(l.Items) == 0 || len(l.Items) > 4 || l.Total != 10 {
			t.Fatalf("%d of %d, %v", len(l.Items), l.Total, err)
		}
		if offset += len(l.Items); l.HasMore() != (offset < 10) {
			t.Errorf("after %d there is more: %v", offset, l.HasMore())
		}
	}
	// What is too large alone is shown alone.
	if l, err := page([]string{strings.Repeat("x", 5<<20), "y"}, Paging{}); err != nil || len(l.Items) != 1 || !l.HasMore() {
		t.Errorf("%d, %v", len(l.Items), err)
	}
}

func TestAListIsSortedByGroupsThenAColumnThenCreationThenId(t *testing.T) {
	type thing struct {
		id, group string
		name      *string
		created   int64
	}
	a, b := new("a"), new("b")
	things := []thing{
		{"1", "x", b, 5}, {"2", "y", a, 4}, {"3", "x", nil, 9}, {"4", "x", a, 7}, {"5", "x", a, 6}, {"6", "y", nil, 3}, {"0", "x", a, 6}, {"7", "y", nil, 2},
	}
	name := func(t thing) sortKey {
		if t.name == nil {
			return sortKey{none: true}
		}
		return sortKey{text: *t.name}
	}
	o := order[thing]{created: func(t thing) sortKey { return sortKey{number: t.created} }, id: byText(func(t thing) string { return t.id })}
	for _, c := range []struct {
		name    string
		by      column[thing]
		grouped bool
		down    bool
		want    string
	}{
		{name: "by creation", want: "7 6 2 1 0 5 4 3"},
		{name: "by a column, what has none first", by: name, want: "7 6 3 2 0 5 4 1"},
		{name: "downwards, what has none first still and ties as before", by: name, down: true, want: "7 6 3 1 2 0 5 4"},
		{name: "in groups", by: name, grouped: true, want: "3 0 5 4 1 7 6 2"},
		{name: "downwards in groups, which ascend", by: name, grouped: true, down: true, want: "3 1 0 5 4 7 6 2"},
	} {
		o.by, o.down, o.groups = c.by, c.down, nil
		if c.grouped {
			o.groups = []column[thing]{byText(func(t thing) string { return t.group })}
		}
		sorted := slices.Clone(things)
		o.sort(sorted)
		var ids []string
		for _, t := range sorted {
			ids = append(ids, t.id)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
}

func TestWhatAListCannotBeAskedForIsABadRequest(t *testing.T) {
	const id = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
	for text, good := range map[string]bool{
		"": true, "limit=0": true, "limit=-1": false, "limit=x": false, "limit=": false, "limit=1.5": false, "limit=99999999999999999999": true,
		"offset=-1": false, "offset=x": false, "ids=" + id + "&ids=" + strings.ToUpper(id): true, "ids=5": false, "ids={" + id + "}": false,
		"network_id=" + id: true, "network_id=x": false, "host_id=": false, "host_id=x": false, "tag_ids=" + id + "&tag_ids=x": false,
		"group_by=host": true, "group_by=size": false, "order_by=position": true, "order_by=hostname": false, "order_by=": false,
		"order_direction=desc": true, "order_direction=down": false, "order_direction=DESC": false, "at=yesterday": false,
		"at=2026-04-22T15:30:00Z": true, "search=%ff": false, "search=": true,
	} {
		_, err := query[ListServicesInput](t, text)
		if good && err != nil || !good && kindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}
