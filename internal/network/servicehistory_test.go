package network

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

// history is what a service has been, in short: when, until when, where, and its name.
func (s *site) history(id string) []string {
	s.Helper()
	list, err := s.GetServiceHistory(s.Context(), ann, GetServiceHistoryInput{ID: UUID(id)})
	s.must(err)
	var lines []string
	for _, v := range list.Items {
		until := "now"
		if v.ValidUntil != nil {
			until = fmt.Sprint(*v.ValidUntil)
		}
		host := "H"
		if v.Service.HostID == s.other.ID {
			host = "other"
		}
		lines = append(lines, fmt.Sprint(v.ValidFrom, " ", until, " ", host, " ", v.Service.Name, " by ", v.ChangedBy))
		// Each version is what a read of its time gives.
		was, err := s.GetService(s.Context(), ann, GetServiceInput{UUID(id), &v.ValidFrom})
		if err != nil || !reflect.DeepEqual(was, v.Service) {
			s.Errorf("at %v it was %+v, not %+v, %v", v.ValidFrom, was, v.Service, err)
		}
	}
	return lines
}

func TestTheHistoryOfAServiceIsAllThatItWasNewestFirst(t *testing.T) {
	s := newSite(t)
	var times []string
	note := func() { times = append(times, fmt.Sprint(s.instant())) }
	service := s.created("one", "P(p80)")
	note()
	s.created("another", "P(p443)") // changes the host, not the service
	s.must(s.change(s.host.ID, func(h *Host) { h.Name = "renamed" }))
	in := stateOf(service)
	in.Body.Name = "two"
	_, err := s.update(in)
	s.must(err)
	note()
	in.Body.HostID, in.Body.Bindings, in.Body.Name = UUID(s.other.ID), nil, "three"
	_, err = s.update(in)
	s.must(err)
	note()
	s.created("another", "")
	in.Body.HostID = UUID(s.host.ID)
	_, err = s.update(in)
	s.must(err)
	note()
	want := []string{
		times[3] + " now H three by ann",
		times[2] + " " + times[3] + " other three by ann",
		times[1] + " " + times[2] + " H two by ann",
		times[0] + " " + times[1] + " H one by ann",
	}
	if got := s.history(service.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	s.tick()
	s.must(s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: UUID(service.ID)}))
	note()
	want[0] = times[3] + " " + times[4] + " H three by ann"
	if got := s.history(service.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("after the delete\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	s.tick()
	s.must(s.commit(func(e *edit) error { return e.remove(s.host.ID) }))
	if got := s.history(service.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("after that of the host\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	list, err := s.GetServiceHistory(t.Context(), ann, GetServiceHistoryInput{UUID(service.ID), Paging{1, 2}})
	if err != nil || list.Total != 4 || len(list.Items) != 1 || list.Items[0].Service.Name != "two" || !list.HasMore() {
		t.Errorf("a page is %+v, %v", list, err)
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	if _, err := s.GetServiceHistory(t.Context(), stranger, GetServiceHistoryInput{ID: UUID(service.ID)}); kindOf(err) != fault.NotFound {
		t.Errorf("another workspace: %v", err)
	}
	for _, id := range []string{newID(), newIDOn(s.host.ID), s.ids["p80"]} {
		if _, err := s.GetServiceHistory(t.Context(), ann, GetServiceHistoryInput{ID: UUID(id)}); kindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestTheHistoryOfAServicePartsWhereItsTagsWereDeleted(t *testing.T) {
	s := newSite(t)
	prod, lab := s.tagNamed("prod"), s.tagNamed("lab")
	in := s.input("one", "")
	in.Body.Tags = []UUID{UUID(prod.ID), UUID(lab.ID)}
	s.tick()
	service, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	times := []string{fmt.Sprint(s.instant())}
	for _, tag := range []Tag{prod, lab} {
		s.dropTag(tag)
		times = append(times, fmt.Sprint(s.instant()))
	}
	want := []string{
		times[2] + " now H one by ann",
		times[1] + " " + times[2] + " H one by ann",
		times[0] + " " + times[1] + " H one by ann",
	}
	check := func(when string) {
		t.Helper()
		if got := s.history(service.ID); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n%s\nnot\n%s", when, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	check("at once")
	s.created("another", "")
	check("when the links are not stored any more")
	s.tick()
	s.must(s.sweep(t.Context(), ann))
	check("when the tags are forgotten")
}
