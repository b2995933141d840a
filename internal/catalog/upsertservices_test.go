package catalog

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/timeline"
)

func (w *world) upsert(services ...NewService) ([]Service, error) {
	return w.UpsertServices(w.Context(), w.caller, UpsertServicesInput{w.project, services})
}

func TestAnUpsertCreatesWhatIsNotThereAndChangesWhatIs(t *testing.T) {
	w := newWorld(t)
	must(w.after(10).create(NewService{Name: "Orders", ServiceFacts: ServiceFacts{Owner: shape.Of("sales"), Flows: shape.Of([]string{"pay"})}}))(w)
	before := must(w.after(20).create(named("Same")))(w)
	got := must(w.after(30).upsert(named("Cart"), NewService{Name: "ORDERS", ServiceFacts: ServiceFacts{Flows: shape.Null[[]string]()}}, named("Same"), named("Billing")))(w)
	var slugs []string
	for _, s := range got {
		slugs = append(slugs, s.Slug)
	}
	if !slices.Equal(slugs, []string{"cart", "orders", "same", "billing"}) {
		t.Errorf("answered %v", slugs)
	}
	for _, i := range []int{0, 1, 3} {
		if got[i].ValidFrom != ms(30) {
			t.Errorf("%s was written at %v", got[i].Slug, got[i].ValidFrom)
		}
	}
	if got[2].ValidFrom != ms(20) || got[2].ETag() != before.ETag() {
		t.Errorf("what did not change is %+v", got[2])
	}
	if orders := got[1]; orders.Name != "ORDERS" || *orders.Owner != "sales" || orders.Flows != nil || orders.CreatedAt != ms(10) {
		t.Errorf("the changed one is %+v", orders)
	}
	var events []string
	for _, e := range w.history(GetHistoryInput{}).Events {
		events = append(events, fmt.Sprint(e.ServiceSlug, " ", e.ChangeType))
	}
	if want := []string{"cart CREATE", "orders UPDATE", "billing CREATE", "same CREATE", "orders CREATE"}; !slices.Equal(events, want) {
		t.Errorf("the history is %v, not %v", events, want)
	}
	if again := must(w.after(40).upsert(named("Cart"), named("Same")))(w); again[0].ValidFrom != ms(30) || again[1].ValidFrom != ms(20) {
		t.Errorf("an upsert that changes nothing gave %+v", again)
	}
	project := must(w.GetProject(w.Context(), w.caller, GetProjectInput{w.project}))(w)
	if project.ServiceCount != 4 || project.UpdatedAt != ms(30) {
		t.Errorf("the project is %+v", project)
	}
}

func TestAnUpsertByANameThatWasRenamedAwayCreates(t *testing.T) {
	w := newWorld(t)
	must(w.after(10).create(named("Orders")))(w)
	must(w.after(20).update("orders", ServicePatch{Name: shape.Of("Sales")}))(w)
	got := must(w.after(30).upsert(named("Orders"), named("Sales")))(w)
	if got[0].CreatedAt != ms(30) || got[1].CreatedAt != ms(10) || got[1].ValidFrom != ms(20) {
		t.Errorf("got %+v", got)
	}
}

// bulk is a service of so many bytes of topics, which can hardly be compressed.
func bulk(name string, bytes int) NewService {
	topics := make([]Topic, bytes/600)
	for i := range topics {
		topics[i] = Topic{Name: fmt.Sprint("t", i), Extras: map[string]string{"k": noise(560)}}
	}
	return NewService{Name: name, ServiceFacts: ServiceFacts{Produces: shape.Of(topics)}}
}

func noise(size int) string {
	b := make([]byte, size*3/4)
	_, _ = rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

func TestAnUpsertThatIsTooLargeNamesWhatIsAndWritesNothing(t *testing.T) {
	w := newWorld(t)
	must(w.create(named("Orders")))(w)
	var many []NewService
	for i := range 9 {
		many = append(many, bulk(fmt.Sprint("S", i), 360<<10))
	}
	for _, c := range []struct {
		name     string
		sent     []NewService
		field    string
		message  string
		prepared func()
	}{
		{"one that no item can hold", []NewService{named("Cart"), bulk("Orders", 500<<10), named("Billing")}, "[1]", "is too large to store; a service takes at most 393216 bytes of JSON as it is stored", nil},
		{"a new one that no item can hold", []NewService{named("Cart"), named("Orders"), bulk("Billing", 500<<10)}, "[2]", "is too large to store; a service takes at most 393216 bytes of JSON as it is stored", nil},
		{"all together", many, "body", "is too large to store at once; send fewer services", nil},
		{"all together with what is closed", func() (small []NewService) {
			for i := range 10 {
				small = append(small, bulk(fmt.Sprint("Large", i), 280<<10))
			}
			return small
		}(), "body", "is too large to store at once; send fewer services", func() {
			for i := range 10 {
				must(w.create(bulk(fmt.Sprint("Large", i), 360<<10)))(w)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.prepared != nil {
				c.prepared()
			}
			before := must(w.list(ListServicesInput{}))(w)
			_, err := w.upsert(c.sent...)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || len(f.Violations) != 1 || f.Violations[0].Field != c.field || f.Violations[0].Message != c.message {
				t.Errorf("got %v %+v", err, f)
			}
			if after := must(w.list(ListServicesInput{}))(w); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Error("something was written")
			}
		})
	}
}

func TestUnitsOfAnUpsert(t *testing.T) {
	w := newWorld(t).after(10)
	services := make([]NewService, 30)
	for i := range services {
		services[i] = twoKB(fmt.Sprintf("Service %d", i))
	}
	changed := slices.Clone(services)
	for i := range changed {
		changed[i].Owner = shape.Of("sales-team")
	}
	for _, c := range []struct {
		name          string
		sent          []NewService
		reads, writes float64
	}{
		// The head and 30 keys are read; 30 items of 2 KB are written, each
		// compressed to less than one, the head, and a log record of 30 events.
		{"30 new ones of 2 KB", services, 31, 66},
		// The head is read again, which proves that the 30 are of one moment.
		{"30 of 2 KB that do not change", services, 33, 0},
		// Each is written again as the closed version that it was.
		{"30 of 2 KB that change", changed, 31, 126},
		{"one of 30 changes", append([]NewService{services[0]}, changed[1:]...), 31, 8},
	} {
		m := w.metered(func(ctx context.Context) error {
			_, err := w.UpsertServices(ctx, w.caller, UpsertServicesInput{w.project, c.sent})
			return err
		})
		t.Logf("an upsert of %-30s %3.0f read units, %3.0f write units, %d calls", c.name, m.ReadUnits, m.WriteUnits, m.Calls)
		if m.ReadUnits != c.reads || m.WriteUnits != c.writes {
			t.Errorf("an upsert of %s costs %v read and %v write units, not %v and %v", c.name, m.ReadUnits, m.WriteUnits, c.reads, c.writes)
		}
	}
}

// Every upsert writes its number into all its services; others change, rename
// and delete them one by one and leave the number. So whenever the services of
// the upserts are read, those that are there have one number.
func TestUpsertsThatRaceWithOtherWritersShowWholeOrNotAtAll(t *testing.T) {
	const services, rounds = 8, 30
	w := newWorld(t)
	name := func(i int) string { return fmt.Sprintf("Service %d", i) }
	slug := func(i int) string { return fmt.Sprintf("service-%d", i) }
	upsert := func(number string) ([]Service, error) {
		sent := make([]NewService, services)
		for i := range sent {
			sent[i] = NewService{Name: name(i), ServiceFacts: ServiceFacts{Description: shape.Of(number)}}
		}
		return w.upsert(sent...)
	}
	must(upsert("0"))(w)
	done, stop := context.WithCancel(t.Context())
	var writers, readers sync.WaitGroup
	whole := func(what string, list ServiceList) {
		numbers := map[string]bool{}
		for _, s := range list.services {
			if strings.HasPrefix(s.Slug, "service-") {
				numbers[*s.Description] = true
			}
		}
		if len(numbers) > 1 {
			t.Errorf("%s shows the upserts %v", what, numbers)
		}
	}
	var mu sync.Mutex
	at := map[string]timeline.Instant{}
	for u := range 3 {
		writers.Go(func() {
			for round := range rounds {
				number := fmt.Sprintf("%d.%d", u, round)
				got, err := upsert(number)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				at[number] = got[0].ValidFrom
				mu.Unlock()
				for _, s := range got {
					if *s.Description != number || s.ValidFrom != got[0].ValidFrom || s.Final() {
						t.Errorf("upsert %s answered %+v", number, s)
					}
				}
			}
		})
	}
	// Losing a race with a delete or a rename is a 404, with an upsert none.
	lost := func(err error) {
		f, ok := errors.AsType[*fault.Error](err)
		if err != nil && (!ok || f.Code != ErrServiceNotFound.Code && f.Code != ErrServiceNameConflict.Code) {
			t.Error(err)
		}
	}
	writers.Go(func() {
		for round := range rounds {
			_, err := w.update(slug(round%services), ServicePatch{ServiceFacts: ServiceFacts{Owner: shape.Of(fmt.Sprint(round))}})
			lost(err)
		}
	})
	writers.Go(func() {
		for round := range rounds {
			_, err := w.update(slug(round%services), ServicePatch{Name: shape.Of(fmt.Sprint("Gone ", round%3))})
			lost(err)
			lost(w.delete(fmt.Sprint("gone-", round%3)))
		}
	})
	writers.Go(func() {
		for round := range rounds {
			lost(w.delete(slug(round * 3 % services)))
		}
	})
	readers.Go(func() {
		for done.Err() == nil {
			whole("the list now", must(w.list(ListServicesInput{}))(w))
		}
	})
	readers.Go(func() {
		for n := 0; done.Err() == nil; n++ {
			instant := ms(n % 100)
			whole(fmt.Sprint("the list at ", instant), must(w.list(ListServicesInput{At: &instant}))(w))
		}
	})
	writers.Wait()
	stop()
	readers.Wait()

	for number, instant := range at {
		list := must(w.list(ListServicesInput{At: &instant}))(w)
		whole("the list at "+instant.String(), list)
		found := 0
		for _, s := range list.services {
			if s.Description != nil && *s.Description == number && s.ValidFrom == instant {
				found++
			}
		}
		if found != services {
			t.Errorf("of upsert %s the list at its instant shows %d services", number, found)
		}
	}
	project := must(w.GetProject(w.Context(), w.caller, GetProjectInput{w.project}))(w)
	if now := must(w.list(ListServicesInput{}))(w); project.ServiceCount != len(now.services) {
		t.Errorf("the project counts %d services, %d are there", project.ServiceCount, len(now.services))
	}
}
