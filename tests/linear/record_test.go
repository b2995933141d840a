package linear

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"almanac/tests/program"

	"github.com/anishathalye/porcupine"
)

// size is how large a history is. Few names make the clients meet.
type size struct {
	clients, turns int
	names          []string
}

var small = size{4, 7, []string{"Orders", "Billing", "Stock"}}

// recorder has clients work on one project at the same time and notes what
// each asked, what it was told, and when.
type recorder struct {
	size
	servers []program.Client // of one memory; each client asks one of them
	project string
	born    millis
	began   time.Time

	mu         sync.Mutex
	operations []porcupine.Operation
	instants   []millis           // that were in answers
	held       map[string]service // as somebody saw it last, with an ETag
}

func record(ctx context.Context, of size, servers []program.Client, seed uint64) (*recorder, error) {
	r := &recorder{size: of, servers: servers, began: time.Now(), held: map[string]service{}}
	var created program.Answer
	for try := range 10 { // on a store that has faults
		var err error
		created, err = servers[try%len(servers)].Do(ctx, "POST", "/v1/projects", fmt.Sprintf(`{"name":"History %d","description":""}`, seed))
		if err != nil {
			return nil, err
		}
		if created.Status != http.StatusServiceUnavailable {
			break
		}
	}
	project, err := program.Read[struct {
		ID        string
		CreatedAt millis
	}](created)
	if err != nil {
		return nil, err
	}
	r.project, r.born = "/v1/projects/"+project.ID, project.CreatedAt
	r.instants = []millis{r.born}
	var wg sync.WaitGroup
	errs := make([]error, of.clients)
	for client := range of.clients {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(client)))
			for turn := range of.turns {
				if errs[client] = r.do(ctx, client, r.choose(dice, client, turn), dice); errs[client] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return r, r.lookBack(ctx)
}

// lookBack asks, when all is quiet, what became of everything.
func (r *recorder) lookBack(ctx context.Context) error {
	dice := rand.New(rand.NewPCG(0, 0))
	last := []input{{kind: history}, {kind: list}}
	slices.Sort(r.instants)
	for _, at := range slices.Compact(r.instants) {
		last = append(last, input{kind: listAt, at: at}, input{kind: getAt, at: at - 1, slug: slugOf(r.names[dice.IntN(len(r.names))])})
	}
	for _, in := range last {
		if err := r.do(ctx, r.clients, in, nil); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) choose(dice *rand.Rand, client, turn int) input {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := r.names[dice.IntN(len(r.names))]
	in := input{slug: slugOf(name), description: fmt.Sprintf("%d.%d", client, turn)}
	if dice.IntN(5) == 0 {
		in.description = r.held[in.slug].Description // which may change nothing
	}
	if in.at = millis(time.Now().UnixMilli()); dice.IntN(5) > 0 {
		in.at = r.instants[dice.IntN(len(r.instants))] + millis(dice.IntN(3)-1)
	}
	kinds := []kind{create, create, update, update, updateIf, rename, remove, upsert, restore, get, getAt, getAt, list, listAt, listAt, history}
	switch in.kind = kinds[dice.IntN(len(kinds))]; in.kind {
	case create:
		in.slug, in.name = "", name
	case rename:
		in.name, in.description = r.names[dice.IntN(len(r.names))], ""
	case upsert:
		in.slug = ""
		for _, n := range dice.Perm(len(r.names))[:1+dice.IntN(3)] {
			in.names = append(in.names, r.names[n])
		}
	case updateIf:
		if in.ifFrom, in.tag = r.held[in.slug].ValidFrom, r.held[in.slug].tag; in.tag == "" {
			in.kind = update
		}
	case list, listAt, history:
		in.slug = ""
	}
	return in
}

// do asks for one operation. Sometimes its client does not wait for the answer.
func (r *recorder) do(ctx context.Context, client int, in input, dice *rand.Rand) error {
	if dice != nil && dice.IntN(25) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(dice.IntN(2000))*time.Microsecond)
		defer cancel()
	}
	method, path, body, headers := r.request(in)
	called := time.Since(r.began)
	answer, err := r.servers[client%len(r.servers)].Do(ctx, method, path, body, headers...)
	returned := time.Since(r.began)
	out, err := read(in, answer, err)
	if err != nil {
		return err
	}
	if out.status == 0 {
		if method == http.MethodGet {
			return nil // it tells nothing and does nothing
		}
		returned = time.Hour // it may be done at any time
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.operations = append(r.operations, porcupine.Operation{
		ClientId: client, Input: in, Output: out, Call: called.Nanoseconds(), Return: returned.Nanoseconds(),
	})
	r.learn(in, out, answer)
	return nil
}

// learn keeps what later requests can be about.
func (r *recorder) learn(in input, out output, answer program.Answer) {
	for _, s := range out.services {
		r.instants = append(r.instants, s.ValidFrom)
		if s.ValidUntil != 0 {
			r.instants = append(r.instants, s.ValidUntil)
		}
		if tag := answer.Header.Get("ETag"); tag != "" && s.ValidUntil == 0 {
			s.tag = tag
			r.held[s.Slug] = s
		}
	}
	for _, e := range out.events {
		r.instants = append(r.instants, e.Timestamp)
	}
	if in.kind == remove && out.status == 204 {
		delete(r.held, in.slug)
	}
}

func (r *recorder) request(in input) (method, path, body string, headers []string) {
	services := r.project + "/services"
	switch in.kind {
	case create:
		return http.MethodPost, services, fmt.Sprintf(`{"name":%q,"description":%q}`, in.name, in.description), nil
	case updateIf:
		headers = []string{"If-Match: " + in.tag}
		fallthrough
	case update:
		return http.MethodPut, services + "/" + in.slug, fmt.Sprintf(`{"description":%q}`, in.description), headers
	case rename:
		return http.MethodPut, services + "/" + in.slug, fmt.Sprintf(`{"name":%q}`, in.name), nil
	case upsert:
		var all []string
		for _, name := range in.names {
			all = append(all, fmt.Sprintf(`{"name":%q,"description":%q}`, name, in.description))
		}
		return http.MethodPut, services, "[" + strings.Join(all, ",") + "]", nil
	case restore:
		return http.MethodPost, services + "/" + in.slug + "/restore", fmt.Sprintf(`{"at":%q}`, in.at.text()), nil
	case remove:
		return http.MethodDelete, services + "/" + in.slug, "", nil
	case get:
		return http.MethodGet, services + "/" + in.slug, "", nil
	case getAt:
		return http.MethodGet, services + "/" + in.slug + "?at=" + in.at.text(), "", nil
	case list:
		return http.MethodGet, services, "", nil
	case listAt:
		return http.MethodGet, services + "?at=" + in.at.text(), "", nil
	default:
		return http.MethodGet, r.project + "/history?size=1000", "", nil
	}
}

// read gives an outcome its meaning. What an answer leaves open is unknown: none
// came, or 503.
func read(in input, answer program.Answer, err error) (out output, _ error) {
	if err != nil || answer.Status == http.StatusServiceUnavailable {
		return output{}, nil
	}
	switch out.status = answer.Status; {
	case out.status == 404 || out.status == 409 || out.status == 412 || out.status == 204:
	case in.kind == list || in.kind == listAt || in.kind == upsert:
		out.services, err = program.Read[[]service](answer)
	case in.kind == history:
		var page struct{ Events []event }
		page, err = program.Read[struct{ Events []event }](answer)
		out.events = page.Events
	default:
		var one service
		one, err = program.Read[service](answer)
		out.services = []service{one}
	}
	return out, err
}
