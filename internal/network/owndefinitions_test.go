package network

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/store/storetest"
	"almanac/internal/tenant"
)

func putOf(id, body string, t *testing.T) PutServiceDefinitionInput {
	t.Helper()
	facts, err := decoded[DefinitionFacts](t, body)
	if err != nil {
		t.Fatal(err)
	}
	return PutServiceDefinitionInput{ID: id, Body: facts}
}

// define registers a definition of the workspace's own.
func (s *site) define(id string) Definition {
	s.Helper()
	s.tick()
	d, err := s.PutServiceDefinition(s.Context(), ann, putOf(id, `{}`, s.T))
	s.must(err)
	return d
}

func (s *site) undefine(id string) error {
	s.tick()
	return s.DeleteServiceDefinition(s.Context(), ann, DeleteServiceDefinitionInput{ID: id})
}

// of makes a service of a definition.
func (s *site) of(definition string) (Service, error) {
	in := s.input("of "+definition, "")
	in.Body.ServiceDefinition = definition
	s.tick()
	return s.CreateService(s.Context(), ann, in)
}

func TestAWorkspaceRegistersItsOwnDefinitionsAndTheirPastStays(t *testing.T) {
	s := newSite(t)
	get := GetServiceDefinitionInput{ID: "House Brew"}
	s.keeps("one that is not there", fault.NotFound, "", func() error { _, err := s.GetServiceDefinition(t.Context(), ann, get); return err })
	want := Definition{"House Brew", "House Brew", "Brews", "Kitchen", "cup", []DefaultPort{{8443, TCP}, {53, UDP}}}
	body := `{"description":"Brews","category":"Kitchen","icon":"cup","default_ports":[{"number":8443,"protocol":"Tcp"},{"number":53,"protocol":"Udp"},{"number":8443,"protocol":"Tcp"}]}`
	put := putOf("House Brew", body, t)
	s.tick()
	then := s.instant() + 1 // what it is in is made first
	made, err := s.PutServiceDefinition(t.Context(), ann, put)
	if err != nil || !reflect.DeepEqual(made, want) {
		t.Errorf("made is %+v, %v", made, err)
	}
	s.keeps("a PUT of what it is", -1, "", func() error { _, err := s.PutServiceDefinition(t.Context(), ann, put); return err })
	s.tick()
	plain, err := s.PutServiceDefinition(t.Context(), ann, putOf("House Brew", `{"id":"x","name":"House Brew","more":1}`, t))
	if err != nil || !reflect.DeepEqual(plain, Definition{"House Brew", "House Brew", "", "Custom", "", []DefaultPort{}}) {
		t.Errorf("replaced it is %+v, %v", plain, err)
	}
	if got, err := s.GetServiceDefinition(t.Context(), ann, get); err != nil || !reflect.DeepEqual(got, plain) {
		t.Errorf("now it is %+v, %v", got, err)
	}
	get.At = &then
	if got, err := s.GetServiceDefinition(t.Context(), ann, get); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it was %+v, %v", got, err)
	}
	_, err = s.of("House Brew")
	s.must(err)
	if _, err := s.GetServiceDefinition(t.Context(), stranger, GetServiceDefinitionInput{ID: "House Brew"}); kindOf(err) != fault.NotFound {
		t.Errorf("another workspace: %v", err)
	}
	if err := s.DeleteServiceDefinition(t.Context(), stranger, DeleteServiceDefinitionInput{ID: "House Brew"}); kindOf(err) != fault.NotFound {
		t.Errorf("another workspace deletes it: %v", err)
	}
}

func TestDefinitionsThatComeWithTheProgramAreReadAtAnyTimeAndStayAsTheyAre(t *testing.T) {
	s := newSite(t)
	got, err := s.GetServiceDefinition(t.Context(), ann, GetServiceDefinitionInput{"Redis", new(s.instant() - 1e9)})
	if err != nil || got.Name != "Redis" || got.DefaultPorts[0].Number != 6379 {
		t.Errorf("got %+v, %v", got, err)
	}
	s.keeps("a PUT", fault.Conflict, "conflict", func() error {
		_, err := s.PutServiceDefinition(t.Context(), ann, putOf("Redis", `{}`, t))
		return err
	})
	s.keeps("a DELETE", fault.Conflict, "conflict", func() error { return s.undefine("Redis") })
}

func TestMetadataListsAllDefinitionsInTheOrderOfTheirIds(t *testing.T) {
	s := newSite(t)
	s.define("aardvark")
	then := s.instant() + 1 // what it is in is made first
	s.define("Zoo")
	ids := func(p tenant.Principal, in GetMetadataInput) []string {
		t.Helper()
		m, err := s.GetMetadata(t.Context(), p, in)
		s.must(err)
		if !slices.IsSortedFunc(m.ServiceDefinitions, func(a, b Definition) int { return strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)) }) {
			t.Error("they are not in order")
		}
		var ids []string
		for _, d := range m.ServiceDefinitions {
			ids = append(ids, d.ID)
		}
		return ids
	}
	if now := ids(ann, GetMetadataInput{}); len(now) != len(definitions())+2 || now[0] != "aardvark" || !slices.Contains(now, "Zoo") {
		t.Errorf("now there are %v", now)
	}
	if was := ids(ann, GetMetadataInput{&then}); len(was) != len(definitions())+1 || slices.Contains(was, "Zoo") {
		t.Errorf("then there were %v", was)
	}
	if other := ids(stranger, GetMetadataInput{}); len(other) != len(definitions()) {
		t.Errorf("another workspace has %v", other)
	}
}

func TestADefinitionIsHeldToItsMembers(t *testing.T) {
	s := newSite(t)
	for _, id := range []string{" x", "x ", " ", "a/b", "a\tb", "a\x00b", ""} {
		s.keeps(fmt.Sprintf("the id %q", id), fault.Invalid, "bad_request", func() error {
			_, err := s.PutServiceDefinition(t.Context(), ann, putOf(id, `{}`, t))
			return err
		})
	}
	s.keeps("another name", fault.Invalid, "validation_failed", func() error {
		_, err := s.PutServiceDefinition(t.Context(), ann, putOf("Mine", `{"name":"Yours"}`, t))
		return err
	})
	port := `{"number":1,"protocol":"Tcp"}`
	for body, good := range map[string]bool{
		`{}`: true, `{"default_ports":[]}`: true, `{"default_ports":[` + port + strings.Repeat(","+port, 49) + `]}`: true, `{"default_ports":[` + port + strings.Repeat(","+port, 50) + `]}`: false,
		`{"default_ports":[{"number":0,"protocol":"Tcp"}]}`: false, `{"default_ports":[{"number":65536,"protocol":"Tcp"}]}`: false,
		`{"default_ports":[{"number":65535,"protocol":"Udp"}]}`: true, `{"default_ports":[{"number":80,"protocol":"tcp"}]}`: false,
		`{"default_ports":[{"number":80}]}`: false, `{"default_ports":[{"protocol":"Tcp"}]}`: false, `{"default_ports":[80]}`: false, `{"default_ports":{}}`: false,
		`{"description":"` + strings.Repeat("ü", 500) + `"}`: true, `{"description":"` + strings.Repeat("ü", 501) + `"}`: false,
		`{"category":"` + strings.Repeat("c", 51) + `"}`: false, `{"icon":"` + strings.Repeat("i", 201) + `"}`: false, `{"icon":5}`: false, `[]`: false,
	} {
		if _, err := decoded[DefinitionFacts](t, body); (err == nil) != good {
			t.Errorf("%.80s: %v", body, err)
		}
	}
}

func TestAWorkspaceHasAtMostFiveHundredDefinitionsOfItsOwn(t *testing.T) {
	s := newSite(t)
	s.must(s.editDefinitions(t.Context(), ann, func(own *ownDefinitions) error {
		for n := range mostDefinitions {
			own.Definitions = append(own.Definitions, Definition{ID: fmt.Sprint("own ", n)})
		}
		return nil
	}))
	one := func() error {
		_, err := s.PutServiceDefinition(t.Context(), ann, putOf("one more", `{}`, t))
		return err
	}
	s.keeps("one more", fault.Invalid, "too_many_definitions", one)
	if err := one(); !strings.Contains(fault.Of(err).Details, "500") {
		t.Errorf("the limit is not in %v", err)
	}
	s.define("own 7")
	s.must(s.undefine("own 8"))
	s.must(one())
}

func TestADefinitionInUseIsNotDeleted(t *testing.T) {
	s := newSite(t)
	s.define("Mine")
	s.define("Other")
	service, err := s.of("Mine")
	s.must(err)
	then := s.instant()
	s.keeps("in use", fault.Conflict, "conflict", func() error { return s.undefine("Mine") })
	put := stateOf(service)
	put.Body.ServiceDefinition = "Other"
	_, err = s.update(put)
	s.must(err)
	s.must(s.undefine("Mine"))
	s.keeps("a new service of what is gone", fault.Invalid, "unknown_service_definition", func() error { _, err := s.of("Mine"); return err })
	s.keeps("a service that is to be of what is gone", fault.Invalid, "unknown_service_definition", func() error { _, err := s.update(stateOf(service)); return err })
	s.keeps("again", fault.NotFound, "", func() error { return s.undefine("Mine") })
	if _, err := s.GetServiceDefinition(t.Context(), ann, GetServiceDefinitionInput{"Mine", &then}); err != nil {
		t.Errorf("its past is gone: %v", err)
	}
	s.must(s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: put.ID}))
	s.must(s.undefine("Other"))
}

// A delete that ends in its middle leaves a mark.
func TestNoServiceBeginsToBeOfADefinitionThatIsAboutToBeDeleted(t *testing.T) {
	s := newSite(t)
	s.define("Mine")
	in := DeleteServiceDefinitionInput{ID: "Mine"}
	retire := func() {
		t.Helper()
		_, err := s.retire(t.Context(), ann, in)
		s.must(err)
	}
	retire()
	s.keeps("a new service", fault.Invalid, "unknown_service_definition", func() error { _, err := s.of("Mine"); return err })
	if _, err := s.GetServiceDefinition(t.Context(), ann, GetServiceDefinitionInput{ID: "Mine"}); err != nil {
		t.Errorf("it is not shown: %v", err)
	}
	s.define("Mine")
	service, err := s.of("Mine")
	s.must(err)
	s.must(s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: UUID(service.ID)}))
	retire()
	s.must(s.undefine("Mine"))
	s.keeps("read", fault.NotFound, "", func() error {
		_, err := s.GetServiceDefinition(t.Context(), ann, GetServiceDefinitionInput{ID: "Mine"})
		return err
	})
}

func TestAConditionOnADefinitionHolds(t *testing.T) {
	s := newSite(t)
	put := putOf("Mine", `{}`, t)
	s.must(put.IfMatch.UnmarshalText([]byte("*")))
	create := func() error { _, err := s.PutServiceDefinition(t.Context(), ann, put); return err }
	s.keeps("of what is not there", fault.Precondition, "conflict", create)
	d := s.define("Mine")
	put.Guard = Guard{}
	s.must(put.IfMatch.UnmarshalText([]byte(d.ETag())))
	put.Body.Icon = "cup"
	s.must(create())
	s.keeps("of what it was", fault.Precondition, "conflict", create)
	s.keeps("of what it was, to delete it", fault.Precondition, "conflict", func() error {
		return s.DeleteServiceDefinition(t.Context(), ann, DeleteServiceDefinitionInput{"Mine", put.Guard})
	})
}

// Some make services of definitions while others delete those and register them
// again: none is left with one that there is not.
func TestNoRaceLeavesAServiceOfADefinitionThatThereIsNot(t *testing.T) {
	onBothStores(t, func(t *testing.T, on store.Store) { raceForDefinitions(newSiteOn(t, on)) })
}

// onBothStores runs a test on each store, and on one whose transactions become
// visible item by item.
func onBothStores(t *testing.T, test func(*testing.T, store.Store)) {
	t.Run("bolt", func(t *testing.T) { test(t, onDisk(t)) })
	t.Run("piecemeal", func(t *testing.T) {
		test(t, storetest.NewPiecemeal(onDisk(t), func() {
			for range rand.IntN(50) {
				runtime.Gosched()
			}
		}))
	})
	t.Run("dynamo", func(t *testing.T) { test(t, dynamotest.Open(t)) })
}

func raceForDefinitions(s *site) {
	t := s.T
	for n := range 3 {
		s.define(fmt.Sprint("own ", n))
	}
	s.Inventory = New(s.store, time.Now)
	var wg sync.WaitGroup
	for writer := range 6 {
		wg.Go(func() {
			for round := range 12 {
				id := fmt.Sprint("own ", (writer+round)%3)
				if writer%2 == 0 {
					err := s.DeleteServiceDefinition(t.Context(), ann, DeleteServiceDefinitionInput{ID: id})
					if kind := kindOf(err); err != nil && kind != fault.Conflict && kind != fault.NotFound {
						t.Errorf("delete: %v", err)
					}
					if _, err := s.PutServiceDefinition(t.Context(), ann, putOf(id, `{}`, t)); round%3 == 0 && err != nil {
						t.Errorf("put: %v", err)
					}
					continue
				}
				in := s.input("raced", "")
				in.Body.ServiceDefinition = id
				made, err := s.CreateService(t.Context(), ann, in)
				if err != nil {
					if fault.Of(err).Code != "unknown_service_definition" {
						t.Errorf("create: %v", err)
					}
					continue
				}
				if _, err := s.GetServiceDefinition(t.Context(), ann, GetServiceDefinitionInput{ID: id}); err != nil {
					t.Errorf("the service %s is of %q: %v", made.ID, id, err)
				}
				if err := s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: UUID(made.ID)}); err != nil {
					t.Errorf("delete of a service: %v", err)
				}
			}
		})
	}
	wg.Wait()
}

// interposed is a store in which something happens after one of its reads.
type interposed struct {
	store.Store
	after int // reads until then
	then  func()
}

func (i *interposed) read() {
	if i.after--; i.after == 0 {
		i.then()
	}
}

func (i *interposed) Get(ctx context.Context, key store.Key) (store.Item, error) {
	item, err := i.Store.Get(ctx, key)
	i.read()
	return item, err
}

func (i *interposed) Range(ctx context.Context, query store.Query) ([]store.Item, error) {
	items, err := i.Store.Range(ctx, query)
	i.read()
	return items, err
}

// Whichever read of the writer it is after which a definition is deleted, either
// that or the service is refused.
func TestAServiceIsNotMadeOfADefinitionThatGoesMeanwhile(t *testing.T) {
	s := newSite(t)
	in := s.input("raced", "")
	in.Body.ServiceDefinition = "Mine"
	refused := 0
	for read := 1; ; read++ {
		s.define("Mine")
		deleted := errors.New("not reached")
		_, err := New(&interposed{s.store, read, func() { deleted = s.undefine("Mine") }}, time.Now).CreateService(t.Context(), ann, in)
		_, gone := s.GetServiceDefinition(t.Context(), ann, GetServiceDefinitionInput{ID: "Mine"})
		if (deleted == nil) != (gone != nil) || (err == nil) == (deleted == nil) {
			t.Errorf("after read %d the delete gives %v, the service %v, and the definition %v", read, deleted, err, gone)
		}
		if err == nil {
			break
		}
		if fault.Of(err).Code != "unknown_service_definition" {
			t.Errorf("the service gives %v", err)
		}
		refused++
	}
	if refused < 5 {
		t.Errorf("the writer did no more than %d reads", refused)
	}
}
