package contract

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// place is where something listens, as P(port), P(port,interface) or I(interface),
// by the names p80, p443, e0, e1 of the host and px, ex of the other one.
var place = regexp.MustCompile(`([PI])\((\w+)(?:,(\w+))?\)`)

func (s *site) named() map[string]string {
	return map[string]string{"p80": s.p80.ID, "p443": s.p443.ID, "px": s.px.ID, "e0": s.e0.ID, "e1": s.e1.ID, "ex": s.ex.ID, "nothing": nobodys}
}

// places gives bindings as JSON.
func (s *site) places(text string) string {
	ids := s.named()
	var all []string
	for _, m := range place.FindAllStringSubmatch(text, -1) {
		switch {
		case m[1] == "I":
			all = append(all, quoted(`{"type":"Interface","interface_id":%s}`, ids[m[2]]))
		case m[3] == "":
			all = append(all, quoted(`{"type":"Port","port_id":%s}`, ids[m[2]]))
		default:
			all = append(all, quoted(`{"type":"Port","port_id":%s,"interface_id":%s}`, ids[m[2]], ids[m[3]]))
		}
	}
	return strings.Join(all, ",")
}

// shown gives bindings in the words of places.
func (s *site) shown(bindings []aBinding) string {
	name := map[string]string{}
	for short, id := range s.named() {
		name[id] = short
	}
	var all []string
	for _, b := range bindings {
		switch {
		case b.Type == "Interface":
			all = append(all, "I("+name[b.InterfaceID]+")")
		case b.InterfaceID == "":
			all = append(all, "P("+name[b.PortID]+")")
		default:
			all = append(all, "P("+name[b.PortID]+","+name[b.InterfaceID]+")")
		}
	}
	return strings.Join(all, " ")
}

// emptied is a site whose host has no services.
func (h *house) emptied() *site {
	h.Helper()
	s := h.site()
	for _, service := range []aService{s.web, s.proxy, s.shell} {
		s.delete(inventory + "/services/" + service.ID).ok()
	}
	return s
}

// theTable has what a service binds that another one finds on the host, what is
// sent, and what is stored of it or the code of the refusal.
var theTable = []struct{ there, sent, stored, refused string }{
	{"", "P(p80,e0) P(p80,e0)", "P(p80,e0)", ""},
	{"", "P(p80,e0) P(p80,e1)", "P(p80,e0) P(p80,e1)", ""},
	{"", "P(p80,e0) P(p80)", "P(p80)", ""},
	{"", "P(p80) P(p80,e0)", "P(p80)", ""},
	{"", "P(p80) P(p80,e0) P(p443,e0)", "P(p80) P(p443,e0)", ""},
	{"", "P(p80) P(p80,ex)", "P(p80)", ""},
	{"", "P(p80,ex) P(p80)", "P(p80)", ""},
	{"", "I(e0) P(p80,e0)", "", "binding_conflict"},
	{"", "P(p80,e0) I(e0)", "", "binding_conflict"},
	{"", "I(e0) P(p80,e1)", "I(e0) P(p80,e1)", ""},
	{"", "I(e0) P(p80)", "", "binding_conflict"},
	{"", "P(p80) I(e0)", "", "binding_conflict"},
	{"", "P(px)", "", "binding_cross_host"},
	{"", "P(p80,ex)", "", "binding_cross_host"},
	{"", "I(ex)", "", "binding_cross_host"},
	{"", "P(nothing)", "", "binding_cross_host"},
	{"P(p80,e0)", "P(p80,e1)", "P(p80,e1)", ""},
	{"P(p80,e0)", "P(p80,e0)", "", "binding_claim"},
	{"P(p80,e0)", "P(p80)", "", "binding_claim"},
	{"P(p80)", "P(p80,e1)", "", "binding_claim"},
	{"I(e0)", "I(e0)", "I(e0)", ""},
	{"I(e0)", "P(p80,e0)", "P(p80,e0)", ""},
}

func TestTheRulesOfBindingsHoldForEveryRequestThatMakesAService(t *testing.T) {
	for _, c := range theTable {
		t.Run(strings.TrimPrefix(c.there+", then ", ", then ")+c.sent, func(t *testing.T) {
			s := open(t).emptied()
			if c.there != "" {
				s.newService("there", s.host.ID, s.places(c.there))
			}
			body := quoted(`{"name":"new","host_id":%s,"network_id":%s,"service_definition":"Nginx","bindings":[`, s.host.ID, s.network.ID) + s.places(c.sent) + `]}`
			if c.refused != "" {
				s.changesNothing(func() { s.post(inventory+"/services", body).fails(400, c.refused) })
				return
			}
			made := data[aService](s.post(inventory+"/services", body))
			if got := s.shown(made.Bindings); got != c.stored {
				t.Errorf("it binds %s, want %s", got, c.stored)
			}
			if again := data[aService](s.get(inventory + "/services/" + made.ID)); s.shown(again.Bindings) != c.stored {
				t.Errorf("it is stored with %s", s.shown(again.Bindings))
			}
		})
	}
}

func TestTheRulesOfBindingsHoldForEveryRequestThatReplacesAService(t *testing.T) {
	for _, c := range theTable {
		t.Run(strings.TrimPrefix(c.there+", then ", ", then ")+c.sent, func(t *testing.T) {
			s := open(t).emptied()
			if c.there != "" {
				s.newService("there", s.host.ID, s.places(c.there))
			}
			was := s.newService("was", s.host.ID, "")
			body := quoted(`{"name":"is","host_id":%s,"network_id":%s,"service_definition":"Nginx","bindings":[`, s.host.ID, s.network.ID) + s.places(c.sent) + `]}`
			if c.refused != "" {
				s.changesNothing(func() { s.put(inventory+"/services/"+was.ID, body).fails(400, c.refused) })
				return
			}
			if is := data[aService](s.put(inventory+"/services/"+was.ID, body)); s.shown(is.Bindings) != c.stored {
				t.Errorf("it binds %s, want %s", s.shown(is.Bindings), c.stored)
			}
		})
	}
}

func TestABindingOfItsOwnObeysTheSameRulesWith409ForConflictAndClaim(t *testing.T) {
	for _, c := range []struct {
		there, mine, sent, stored string
		status                    int
		code                      string
	}{
		{"", "", "P(p80,e0)", "P(p80,e0)", 200, ""},
		{"", "P(p80,e0)", "P(p80,e0)", "P(p80,e0)", 200, ""},
		{"", "P(p80)", "P(p80,e0)", "P(p80)", 200, ""},
		{"", "P(p80,e0) P(p80,e1) P(p443,e0)", "P(p80)", "P(p80) P(p443,e0)", 200, ""},
		{"", "I(e0)", "P(p80,e0)", "", 409, "binding_conflict"},
		{"", "P(p80)", "I(e1)", "", 409, "binding_conflict"},
		{"", "", "P(px)", "", 400, "binding_cross_host"},
		{"", "", "I(ex)", "", 400, "binding_cross_host"},
		{"P(p80,e0)", "", "P(p80,e1)", "P(p80,e1)", 200, ""},
		{"P(p80,e0)", "", "P(p80)", "", 409, "binding_claim"},
		{"P(p80)", "", "P(p80,e1)", "", 409, "binding_claim"},
	} {
		t.Run(strings.TrimSpace(c.there+" "+c.mine)+" then "+c.sent, func(t *testing.T) {
			s := open(t).emptied()
			if c.there != "" {
				s.newService("there", s.host.ID, s.places(c.there))
			}
			mine := s.newService("mine", s.host.ID, s.places(c.mine))
			body := `{"service_id":"` + mine.ID + `",` + s.places(c.sent)[1:]
			if c.status != 200 {
				s.changesNothing(func() { s.post(inventory+"/bindings", body).fails(c.status, c.code) })
				return
			}
			made := data[aBinding](s.post(inventory+"/bindings", body))
			is := data[aService](s.get(inventory + "/services/" + mine.ID))
			if sorted(s.shown(is.Bindings)) != sorted(c.stored) {
				t.Errorf("the service binds %s, want %s", s.shown(is.Bindings), c.stored)
			}
			if got := data[aBinding](s.get(inventory + "/bindings/" + made.ID)); got != made || made.ServiceID != mine.ID || made.NetworkID != s.network.ID {
				t.Errorf("the answer is %+v, and stored is %+v", made, got)
			}
		})
	}
}

func sorted(words string) string {
	list := strings.Fields(words)
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestARefusalNamesWhatStandsAgainstIt(t *testing.T) {
	s := open(t).site()
	for sent, named := range map[string][]string{
		"P(px)":      {"port", s.px.ID},
		"I(ex)":      {"interface", s.ex.ID},
		"P(nothing)": {"port", nobodys},
		"P(p80,e0)":  {`"web"`, s.p80.ID},
	} {
		body := quoted(`{"name":"new","host_id":%s,"network_id":%s,"service_definition":"Nginx","bindings":[`, s.host.ID, s.network.ID) + s.places(sent) + `]}`
		var p networkProblem
		got := s.post(inventory+"/services", body)
		if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != 400 {
			t.Fatal(got.body)
		}
		for _, words := range named {
			if !strings.Contains(strings.ToLower(p.Error), words) {
				t.Errorf("%s is refused with %q, which does not name %s", sent, p.Error, words)
			}
		}
	}
}

func TestAPortIsFreeAgainAtOnceAfterEveryDeletePUTAndMove(t *testing.T) {
	for name, free := range map[string]func(s *site){
		"the service is deleted": func(s *site) { s.delete(inventory + "/services/" + s.web.ID).ok() },
		"the binding is deleted": func(s *site) { s.delete(inventory + "/bindings/" + s.web.Bindings[0].ID).ok() },
		"the services are deleted in bulk": func(s *site) {
			s.post(inventory+"/services/bulk-delete", quoted(`[%s]`, s.web.ID)).ok()
		},
		"the service listens nowhere": func(s *site) {
			s.put(inventory+"/services/"+s.web.ID, quoted(`{"name":"web","host_id":%s,"network_id":%s,"service_definition":"Nginx","bindings":[]}`, s.host.ID, s.network.ID)).ok()
		},
		"the binding goes to another port": func(s *site) {
			s.delete(inventory + "/services/" + s.proxy.ID).ok()
			s.put(inventory+"/bindings/"+s.web.Bindings[0].ID, quoted(`{"type":"Port","port_id":%s}`, s.p443.ID)).ok()
		},
		"the service moves to another host": func(s *site) {
			s.put(inventory+"/services/"+s.web.ID, quoted(`{"name":"web","host_id":%s,"network_id":%s,"service_definition":"Nginx","bindings":[]}`, s.otherHost.ID, s.network.ID)).ok()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t).site()
			free(s)
			s.newService("next", s.host.ID, s.places("P(p80)"))
		})
	}
}
