package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/store"
)

func (w *world) createProject(name string) (Project, error) {
	return w.CreateProject(w.Context(), w.caller, CreateProjectInput{NewProject{Name: name}})
}

func (w *world) deleteProject(id string) error {
	return w.DeleteProject(w.Context(), w.caller, DeleteProjectInput{id})
}

func (w *world) projects(in ListProjectsInput) ProjectPage {
	w.Helper()
	if in.Size == 0 {
		in.Size = 20
	}
	return must(w.ListProjects(w.Context(), w.caller, in))(w)
}

func TestProjectIDs(t *testing.T) {
	pattern := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*[a-z0-9]$`)
	for name, begins := range map[string]string{
		"My project": "my-project-",
		"Øre":        "ore-",
		"a!!":        "a-",
		"注文注文":       "project-",
		"xxxxxxxxx xxxxxxxxx xxxxxxxxx xxxxxxxxx xxxxxxxxx xxx yyyyyyy": "xxxxxxxxx-xxxxxxxxx-xxxxxxxxx-xxxxxxxxx-xxxxxxxxx-xxx-",
	} {
		id := newProjectID(name)
		if len(id) < 8 || len(id) > 60 || !pattern.MatchString(id) || id[:len(begins)] != begins {
			t.Errorf("the id of %q is %q", name, id)
		}
	}
}

func TestTheProjectLimitHoldsUnderConcurrentCreates(t *testing.T) {
	w := newWorld(t)
	w.maxProjects = 5 // one is there
	var made, refused atomic.Int64
	var wg sync.WaitGroup
	for n := range 12 {
		wg.Go(func() {
			_, err := w.createProject(fmt.Sprintf("Project %d", n))
			switch f, _ := errors.AsType[*fault.Error](err); {
			case err == nil:
				made.Add(1)
			case f != nil && f.Code == ErrProjectLimit.Code:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 4 || refused.Load() != 8 || w.projects(ListProjectsInput{}).Total != 5 {
		t.Errorf("made %d, refused %d, listed %d", made.Load(), refused.Load(), w.projects(ListProjectsInput{}).Total)
	}
	if err := w.deleteProject(w.project); err != nil {
		t.Fatal(err)
	}
	must(w.createProject("In its place"))(w)
}

func TestAProjectMovesWithItsServices(t *testing.T) {
	w := newWorld(t)
	other := must(w.after(5).createProject("Other"))(w)
	w.caller.ID, w.caller.Label = "key-2", "deployer"
	must(w.after(10).create(named("Orders")))(w)
	got := must(w.GetProject(w.Context(), w.caller, GetProjectInput{w.project}))(w)
	if got.UpdatedAt != ms(10) || got.UpdatedBy != "deployer" || got.CreatedBy != "ci" || got.IsOwner || got.ServiceCount != 1 {
		t.Errorf("it is %+v", got)
	}
	page := w.projects(ListProjectsInput{})
	if page.Total != 2 || page.Data[0].ID != w.project || page.Data[1].ID != other.ID {
		t.Errorf("the list is %+v", page)
	}
}

func TestADeletedProjectIsGoneWithItsPast(t *testing.T) {
	w := newWorld(t)
	for n := range 40 {
		must(w.after(n + 1).create(named(fmt.Sprintf("Service %d", n))))(w)
		must(w.update(fmt.Sprintf("service-%d", n), described("changed")))(w)
	}
	if err := w.after(1000).deleteProject(w.project); err != nil {
		t.Fatal(err)
	}
	w.refused(w.deleteProject(w.project), ErrProjectNotFound)
	_, err := w.get("service-1")
	w.refused(err, ErrProjectNotFound)
	_, err = w.get("service-1", ms(5))
	w.refused(err, ErrProjectNotFound)
	_, err = w.create(named("Orders"))
	w.refused(err, ErrProjectNotFound)
	_, err = w.list(ListServicesInput{At: new(ms(5))})
	w.refused(err, ErrProjectNotFound)
	if page := w.projects(ListProjectsInput{}); page.Total != 0 || !page.First || !page.Last {
		t.Errorf("the list is %+v", page)
	}
	if _, err := w.store.Get(w.Context(), projectCountKey(w.caller.Workspace)); store.KindOf(err) != store.NotFound {
		t.Errorf("the count of no projects is kept: %v", err)
	}
}

func TestUpdateProject(t *testing.T) {
	w := newWorld(t)
	update := func(patch ProjectPatch) Project {
		t.Helper()
		return must(w.UpdateProject(w.Context(), w.caller, UpdateProjectInput{w.project, patch}))(w)
	}
	w.after(10)
	got := update(ProjectPatch{Archived: shape.Of(true)})
	if !got.Archived || got.Name != "Web shop" || got.UpdatedAt != ms(10) || got.ID != w.project {
		t.Errorf("it is %+v", got)
	}
	w.after(20)
	if got := update(ProjectPatch{Name: shape.Of("Web shop"), Archived: shape.Of(true)}); got.UpdatedAt != ms(10) {
		t.Errorf("changing nothing moved updatedAt to %v", got.UpdatedAt)
	}
	if h := w.history(GetHistoryInput{}); h.TotalCount != 0 {
		t.Errorf("the history has %d events", h.TotalCount)
	}
	if page := w.projects(ListProjectsInput{Archived: new(false)}); page.Total != 0 {
		t.Errorf("it is listed as not archived: %+v", page)
	}
}
