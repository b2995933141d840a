// Package usageplantest is, for tests, the little of API Gateway's management
// API that ties keys to usage plans.
package usageplantest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Server is API Gateway with two usage plans.
type Server struct {
	url string

	mu     sync.Mutex
	made   int
	keys   map[string]*key // by the gateway's own id
	calls  []string
	faults map[string]Fault
}

type key struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	value string
	plan  string
}

// Fault is how calls of one kind, as in "POST /apikeys", fail.
type Fault struct {
	Status int
	Type   string // such as AccessDeniedException
	After  bool   // the call took effect
	Once   bool
}

// The ids of the plans are not their names, as in AWS.
var planIDs = map[string]string{"pl4nfr": "free", "pl4nst": "standard"}

// Serve starts a Server that lasts as long as the test.
func Serve(t *testing.T) *Server {
	t.Helper()
	s, stop := Start()
	t.Cleanup(stop)
	return s
}

// Start starts a Server that lasts until it is stopped.
func Start() (s *Server, stop func()) {
	s = &Server{keys: map[string]*key{}, faults: map[string]Fault{}}
	mux := http.NewServeMux()
	for pattern, handle := range map[string]func(*http.Request) (int, any){
		"POST /apikeys":                s.create,
		"GET /apikeys":                 s.list,
		"DELETE /apikeys/{id}":         s.remove,
		"POST /usageplans/{plan}/keys": s.add,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, handle) })
	}
	server := httptest.NewServer(mux)
	s.url = server.URL
	return s, server.Close
}

// Environment makes a function use the Server.
func (s *Server) Environment() []string {
	return []string{
		"ALMANAC_PLANS=free=pl4nfr,standard=pl4nst", "AWS_ENDPOINT_URL=" + s.url,
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}
}

// Fail gives a kind of call a fault.
func (s *Server) Fail(call string, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[call] = fault
}

// Plans are the values of all keys, with the names of their plans; empty for
// one in no plan.
func (s *Server) Plans() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	plans := map[string]string{}
	for _, k := range s.keys {
		plans[k.value] = planIDs[k.plan]
	}
	return plans
}

// Calls are the kinds of the calls so far.
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, handle func(*http.Request) (int, any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, r.Pattern)
	fault, fails := s.faults[r.Pattern]
	if fault.Once {
		delete(s.faults, r.Pattern)
	}
	status, body := 0, any(nil)
	if !fails || fault.After {
		status, body = handle(r)
	}
	if fails {
		status, body = fault.Status, problem(fault.Type)
	}
	if p, ok := body.(problem); ok {
		w.Header().Set("X-Amzn-Errortype", string(p))
		body = map[string]string{"message": "refused"}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

type problem string

func (s *Server) create(r *http.Request) (int, any) {
	var in struct {
		Name, Value string
		Enabled     bool
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Value) < 20 || !in.Enabled {
		return http.StatusBadRequest, problem("BadRequestException")
	}
	for _, k := range s.keys {
		if k.value == in.Value {
			return http.StatusConflict, problem("ConflictException")
		}
	}
	s.made++
	k := &key{ID: fmt.Sprintf("k%d", s.made), Name: in.Name, value: in.Value}
	s.keys[k.ID] = k
	return http.StatusCreated, k
}

// list gives one key a page, of those whose name begins as is asked.
func (s *Server) list(r *http.Request) (int, any) {
	query := r.URL.Query()
	var page struct {
		Position string `json:"position,omitzero"`
		Items    []*key `json:"item"`
	}
	for _, id := range slices.Sorted(maps.Keys(s.keys)) {
		k := s.keys[id]
		if id <= query.Get("position") || !strings.HasPrefix(k.Name, query.Get("name")) {
			continue
		}
		if len(page.Items) == 1 {
			page.Position = page.Items[0].ID
			break
		}
		page.Items = append(page.Items, k)
	}
	return http.StatusOK, page
}

func (s *Server) remove(r *http.Request) (int, any) {
	if s.keys[r.PathValue("id")] == nil {
		return http.StatusNotFound, problem("NotFoundException")
	}
	delete(s.keys, r.PathValue("id"))
	return http.StatusAccepted, nil
}

func (s *Server) add(r *http.Request) (int, any) {
	var in struct{ KeyID, KeyType string }
	err := json.NewDecoder(r.Body).Decode(&in)
	k, plan := s.keys[in.KeyID], r.PathValue("plan")
	switch {
	case err != nil || in.KeyType != "API_KEY":
		return http.StatusBadRequest, problem("BadRequestException")
	case k == nil || planIDs[plan] == "":
		return http.StatusNotFound, problem("NotFoundException")
	case k.plan != "":
		return http.StatusConflict, problem("ConflictException")
	}
	k.plan = plan
	return http.StatusCreated, k
}
