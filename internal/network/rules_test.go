package network

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/store"
)

// site is a world with the host H of the contract's table, which has the ports
// p80 and p443 and the interfaces e0 and e1, and another one with px and ex.
type site struct {
	*world
	host, other *Host
	ids         map[string]string
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOn(t, onDisk(t))
}

func newSiteOn(t *testing.T, on store.Store) *site {
	t.Helper()
	s := &site{world: setUpOn(t, on), ids: map[string]string{}}
	build := func(name string, ports, interfaces []string) *Host {
		h := &Host{BareHost: BareHost{ID: newID(), NetworkID: s.network, Name: name, Source: manual, Tags: []string{}}, Services: []Service{}}
		for i, port := range ports {
			h.Ports = append(h.Ports, Port{ID: newIDOn(h.ID), Number: 80 + i, Protocol: TCP})
			s.ids[port] = h.Ports[i].ID
		}
		for i, on := range interfaces {
			h.Interfaces = append(h.Interfaces, Interface{ID: newIDOn(h.ID), SubnetID: newID(), IPAddress: fmt.Sprint("10.0.0.", i+1), Position: i})
			s.ids[on] = h.Interfaces[i].ID
		}
		s.put(h)
		return h
	}
	s.host = build("H", []string{"p80", "p443"}, []string{"e0", "e1"})
	s.other = build("other", []string{"px"}, []string{"ex"})
	return s
}

// bindings reads places as parse does, with the ids of the site; P(…)=a has the id named a.
func (s *site) bindings(text string) []SentBinding {
	sent := []SentBinding{}
	id := func(name string) *UUID {
		if name == "" {
			return nil
		}
		if s.ids[name] == "" {
			s.ids[name] = newID()
		}
		return new(UUID(s.ids[name]))
	}
	for word := range strings.FieldsSeq(text) {
		place, own, _ := strings.Cut(word, "=")
		b := parse(place)[0]
		sent = append(sent, SentBinding{ID: id(own), Type: b.Type, PortID: id(b.PortID), InterfaceID: id(b.InterfaceID)})
	}
	return sent
}

// shown is bindings as parse reads them, in order.
func (s *site) shown(bindings []Binding) string {
	name := func(id string) string {
		for name, known := range s.ids {
			if known == id {
				return name
			}
		}
		return ""
	}
	var words []string
	for _, b := range bindings {
		word := "I(" + name(b.InterfaceID) + ")"
		if b.Type == OnPort {
			word = "P(" + strings.TrimSuffix(name(b.PortID)+","+name(b.InterfaceID), ",") + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func (s *site) input(name, bindings string) CreateServiceInput {
	return CreateServiceInput{NewService{
		HostID: UUID(s.host.ID), NetworkID: UUID(s.network),
		ServiceFacts: ServiceFacts{ServiceDefinition: "PostgreSQL", Name: name}, Bindings: s.bindings(bindings),
	}}
}

func (s *site) create(name, bindings string) (Service, error) {
	s.tick()
	return s.CreateService(s.Context(), ann, s.input(name, bindings))
}

func (s *site) created(name, bindings string) Service {
	s.Helper()
	service, err := s.create(name, bindings)
	s.must(err)
	return service
}

// state is a PUT of what a service is.
func stateOf(s Service) UpdateServiceInput {
	in := UpdateServiceInput{ID: UUID(s.ID), Body: ServiceState{
		HostID: UUID(s.HostID), NetworkID: UUID(s.NetworkID), Position: &s.Position, Bindings: []SentBinding{},
		ServiceFacts: ServiceFacts{ServiceDefinition: s.ServiceDefinition, Name: s.Name},
	}}
	for _, b := range s.Bindings {
		sent := SentBinding{ID: new(UUID(b.ID)), Type: b.Type}
		if b.PortID != "" {
			sent.PortID = new(UUID(b.PortID))
		}
		if b.InterfaceID != "" {
			sent.InterfaceID = new(UUID(b.InterfaceID))
		}
		in.Body.Bindings = append(in.Body.Bindings, sent)
	}
	for _, tag := range s.Tags {
		in.Body.Tags = append(in.Body.Tags, UUID(tag))
	}
	return in
}

func (s *site) update(in UpdateServiceInput) (Service, error) {
	s.tick()
	return s.UpdateService(s.Context(), ann, in)
}

func (s *site) service(id string) Service {
	s.Helper()
	got, err := s.GetService(s.Context(), ann, GetServiceInput{ID: UUID(id)})
	s.must(err)
	return got
}

// refused holds an operation to an error of a kind and a code, -1 for none, and
// to storing nothing, not even a commit.
func (s *site) refused(what string, kind fault.Kind, code string, operation func() error) {
	s.Helper()
	before, err := s.timeline.Head(s.Context(), networkScope(ann.Workspace, s.network))
	s.must(err)
	hosts := s.hosts()
	err = operation()
	if kindOf(err) != kind || err != nil && kind != fault.NotFound && fault.Of(err).Code != code {
		s.Errorf("%s gives %v", what, err)
	}
	after, err := s.timeline.Head(s.Context(), networkScope(ann.Workspace, s.network))
	s.must(err)
	if after.Revision != before.Revision || !reflect.DeepEqual(s.hosts(), hosts) {
		s.Errorf("%s: something was stored", what)
	}
}

func (s *site) hosts() []*Host {
	s.Helper()
	hosts, err := s.surveyHosts(s.Context(), ann.Workspace, "", nil)
	s.must(err)
	return hosts
}

func (w *world) tick() { w.now = w.now.Add(1e9) }

type ruling struct {
	other, sent, kept string
	rule              Rule
}

// theTable is the contract's, with its two columns of what stands on the host
// and what is sent; kept is empty where the answer is a refusal by the rule.
var theTable = []ruling{
	{sent: "P(p80,e0) P(p80,e0)", kept: "P(p80,e0)"},
	{sent: "P(p80,e0) P(p80,e1)", kept: "P(p80,e0) P(p80,e1)"},
	{sent: "P(p80,e0) P(p80)", kept: "P(p80)"},
	{sent: "P(p80) P(p80,e0) P(p443,e0)", kept: "P(p80) P(p443,e0)"},
	{sent: "P(p80) P(p80,ex)", kept: "P(p80)"},
	{sent: "P(p80,ex) P(p80)", kept: "P(p80)"},
	{sent: "I(e0) P(p80,e0)", rule: RuleConflict},
	{sent: "P(p80,e0) I(e0)", rule: RuleConflict},
	{sent: "I(e0) P(p80,e1)", kept: "I(e0) P(p80,e1)"},
	{sent: "I(e0) P(p80)", rule: RuleConflict},
	{sent: "I(e0) I(e0)", kept: "I(e0)"},
	{sent: "I(e0) I(e1)", kept: "I(e0) I(e1)"},
	{sent: "P(px)", rule: RuleCrossHost},
	{sent: "P(p80,ex)", rule: RuleCrossHost},
	{sent: "I(ex)", rule: RuleCrossHost},
	{sent: "P(nowhere)", rule: RuleCrossHost},
	{sent: "I(nowhere)", rule: RuleCrossHost},
	{other: "P(p80,e0)", sent: "P(p80,e1)", kept: "P(p80,e1)"},
	{other: "P(p80,e0)", sent: "P(p80,e0)", rule: RuleClaim},
	{other: "P(p80,e0)", sent: "P(p80)", rule: RuleClaim},
	{other: "P(p80)", sent: "P(p80,e1)", rule: RuleClaim},
	{other: "P(p80)", sent: "P(p443)", kept: "P(p443)"},
	{other: "I(e0)", sent: "I(e0)", kept: "I(e0)"},
	{other: "I(e0)", sent: "P(p80,e0)", kept: "P(p80,e0)"},
	{sent: "", kept: ""},
	{sent: "I(e0)", other: "P(p80,e0)", kept: "I(e0)"},
}

func TestTheContractsTableHoldsForServicesThatAreMade(t *testing.T) {
	for _, c := range theTable {
		t.Run(c.sent+" beside "+c.other, func(t *testing.T) {
			s := newSite(t)
			s.created("other", c.other)
			if c.rule != "" {
				s.refused(c.sent, fault.Invalid, string(c.rule), func() error { _, err := s.create("new", c.sent); return err })
				return
			}
			got := s.created("new", c.sent)
			if s.shown(got.Bindings) != c.kept || !reflect.DeepEqual(s.service(got.ID), got) {
				t.Errorf("it binds %s", s.shown(got.Bindings))
			}
		})
	}
}

func TestTheContractsTableHoldsForServicesThatAreReplaced(t *testing.T) {
	for _, c := range theTable {
		t.Run(c.sent+" beside "+c.other, func(t *testing.T) {
			s := newSite(t)
			s.created("other", c.other)
			in := stateOf(s.created("new", ""))
			in.Body.Bindings = s.bindings(c.sent)
			if c.rule != "" {
				s.refused(c.sent, fault.Invalid, string(c.rule), func() error { _, err := s.update(in); return err })
				return
			}
			got, err := s.update(in)
			if err != nil || s.shown(got.Bindings) != c.kept || !reflect.DeepEqual(s.service(got.ID), got) {
				t.Errorf("it binds %s, %v", s.shown(got.Bindings), err)
			}
		})
	}
}

// Bindings are sent one by one here: of each but the last, the answer is that of
// the same places in one service.
func TestTheContractsTableHoldsForBindingsOfTheirOwn(t *testing.T) {
	kinds := map[Rule]fault.Kind{RuleConflict: fault.Conflict, RuleClaim: fault.Conflict, RuleCrossHost: fault.Invalid}
	for _, c := range theTable {
		// What is covered must come after what covers it, or be of the host.
		if c.sent == "" || c.sent == "P(p80,ex) P(p80)" {
			continue
		}
		t.Run(c.sent+" beside "+c.other, func(t *testing.T) {
			s := newSite(t)
			s.created("other", c.other)
			service := s.created("new", "")
			sent := s.bindings(c.sent)
			bind := func(b SentBinding) error {
				s.tick()
				_, err := s.CreateBinding(s.Context(), ann, CreateBindingInput{NewBinding{UUID(service.ID), BindingPlace{Type: b.Type, PortID: b.PortID, InterfaceID: b.InterfaceID}}})
				return err
			}
			last := len(sent) - 1
			for _, b := range sent[:last] {
				s.must(bind(b))
			}
			if c.rule != "" {
				s.refused(c.sent, kinds[c.rule], string(c.rule), func() error { return bind(sent[last]) })
				return
			}
			s.must(bind(sent[last]))
			if got := s.shown(s.service(service.ID).Bindings); got != c.kept {
				t.Errorf("it binds %s", got)
			}
		})
	}
}

func TestAPortIsFreeAtOnceAfterEveryDeletePutAndMove(t *testing.T) {
	for name, release := range map[string]func(s *site, holder Service) error{
		"a delete": func(s *site, h Service) error {
			return s.DeleteService(s.Context(), ann, DeleteServiceInput{ID: UUID(h.ID)})
		},
		"a bulk delete": func(s *site, h Service) error {
			_, err := s.BulkDeleteServices(s.Context(), ann, BulkDeleteInput{[]UUID{UUID(h.ID)}})
			return err
		},
		"a delete of its binding": func(s *site, h Service) error {
			return s.DeleteBinding(s.Context(), ann, DeleteBindingInput{ID: UUID(h.Bindings[0].ID)})
		},
		"a bulk delete of its binding": func(s *site, h Service) error {
			_, err := s.BulkDeleteBindings(s.Context(), ann, BulkDeleteInput{[]UUID{UUID(h.Bindings[0].ID)}})
			return err
		},
		"a PUT of its binding": func(s *site, h Service) error {
			_, err := s.UpdateBinding(s.Context(), ann, UpdateBindingInput{ID: UUID(h.Bindings[0].ID), Body: BindingPlace{Type: OnPort, PortID: new(UUID(s.ids["p443"]))}})
			return err
		},
		"a PUT": func(s *site, h Service) error {
			in := stateOf(h)
			in.Body.Bindings = s.bindings("P(p443)")
			_, err := s.update(in)
			return err
		},
		"a move": func(s *site, h Service) error {
			in := stateOf(h)
			in.Body.HostID, in.Body.Bindings = UUID(s.other.ID), s.bindings("P(px)")
			_, err := s.update(in)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			holder := s.created("holder", "P(p80)")
			s.refused("a port that is taken", fault.Invalid, "binding_claim", func() error { _, err := s.create("next", "P(p80,e0)"); return err })
			s.must(release(s, holder))
			s.created("next", "P(p80,e0)")
		})
	}
}

func TestARefusalNamesKindAndIdWhereverTheIdIs(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct{ sent, kind, id string }{
		{"P(px)", "port", "px"}, {"P(p80,ex)", "interface", "ex"}, {"I(ex)", "interface", "ex"}, {"P(nowhere)", "port", "nowhere"}, {"I(nowhere)", "interface", "nowhere"},
	} {
		_, err := s.create("new", c.sent)
		want := fmt.Sprintf(`the %s %s is not on the host of the service "new"`, c.kind, s.ids[c.id])
		if got := fault.Of(err).Details; got != want {
			t.Errorf("%s: %s", c.sent, got)
		}
	}
}

func TestBindingsThatDoNotSayWhereAreRefusedByTheirMember(t *testing.T) {
	s := newSite(t)
	id := new(UUID(newID()))
	for _, c := range []struct {
		sent  SentBinding
		field string
	}{
		{SentBinding{Type: OnPort}, "port_id"},
		{SentBinding{Type: OnPort, InterfaceID: id}, "port_id"},
		{SentBinding{Type: OnInterface}, "interface_id"},
		{SentBinding{Type: OnInterface, PortID: id, InterfaceID: id}, "port_id"},
	} {
		good := s.bindings("P(p80)")[0]
		in := s.input("new", "")
		in.Body.Bindings = []SentBinding{good, c.sent}
		fields := func(err error) (all []string) {
			for _, v := range fault.Of(err).Violations {
				all = append(all, v.Field)
			}
			return all
		}
		s.refused(c.field, fault.Invalid, "validation_failed", func() error {
			_, err := s.CreateService(t.Context(), ann, in)
			if !slices.Equal(fields(err), []string{"bindings[1]." + c.field}) {
				t.Errorf("the fields are %v", fields(err))
			}
			return err
		})
		s.refused(c.field, fault.Invalid, "validation_failed", func() error {
			_, err := s.CreateBinding(t.Context(), ann, CreateBindingInput{NewBinding{UUID(newID()), BindingPlace{Type: c.sent.Type, PortID: c.sent.PortID, InterfaceID: c.sent.InterfaceID}}})
			if !slices.Equal(fields(err), []string{c.field}) {
				t.Errorf("the fields are %v", fields(err))
			}
			return err
		})
	}
}
