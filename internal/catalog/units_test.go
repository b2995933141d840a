package catalog

import (
	"context"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"almanac/internal/shape"
	"almanac/internal/store"
)

// metered runs one operation and gives what it cost in the store's units.
func (w *world) metered(operation func(ctx context.Context) error) *store.Meter {
	w.Helper()
	ctx, meter := store.WithMeter(w.Context())
	if err := operation(ctx); err != nil {
		w.Fatal(err)
	}
	return meter
}

// twoKB is a service whose item takes just under 2 KB with all that is stored
// beside it, before it is compressed.
func twoKB(name string) NewService {
	topics := func(n int) (list []Topic) {
		for i := range n {
			list = append(list, Topic{Name: fmt.Sprintf("%s.event-%02d.happened", strings.ToLower(name), i)})
		}
		return list
	}
	return NewService{Name: name, ServiceFacts: ServiceFacts{
		Description: shape.Of(prose(name, 200)),
		Owner:       shape.Of("orders-team"),
		Produces:    shape.Of(topics(14)),
		Consumes:    shape.Of(topics(14)),
		Extras:      shape.Of(map[string]string{"source": "src/" + name, "notes": prose("notes of "+name, 150)}),
	}}
}

// prose is about so many bytes of words, others for each seed, so that it can be
// compressed as what people write.
func prose(seed string, size int) string {
	words := strings.Fields("the order service takes orders from web shop and mobile app checks stock asks payment for money " +
		"then tells shipping what to send where it also keeps a copy of every invoice until year ends because finance team needs them " +
		"before audit please call on duty engineer when queue grows beyond ten thousand messages or latency over two seconds")
	random := rand.New(rand.NewPCG(uint64(crc32.ChecksumIEEE([]byte(seed))), 1))
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(words[random.IntN(len(words))] + " ")
	}
	return b.String()[:size-1] + "."
}

// What each operation may cost, in DynamoDB's units: strong reads of 4 KB and
// transactional writes of 1 KB.
func TestUnits(t *testing.T) {
	w := newWorld(t).after(10)
	assert := func(what string, m *store.Meter, reads, writes float64) {
		t.Helper()
		t.Logf("%-34s %4.0f read units, %3.0f write units, %d calls", what, m.ReadUnits, m.WriteUnits, m.Calls)
		if m.ReadUnits > reads || m.WriteUnits > writes {
			t.Errorf("%s costs %v read and %v write units, at most %v and %v are allowed", what, m.ReadUnits, m.WriteUnits, reads, writes)
		}
	}
	in := GetServiceInput{ProjectID: w.project, ServiceSlug: "orders"}
	assert("createProject", w.metered(func(ctx context.Context) error {
		_, err := w.CreateProject(ctx, w.caller, CreateProjectInput{NewProject{Name: "Another"}})
		return err
	}), 1, 6)
	assert("updateProject", w.metered(func(ctx context.Context) error {
		_, err := w.UpdateProject(ctx, w.caller, UpdateProjectInput{w.project, ProjectPatch{Name: shape.Of("Web shop II")}})
		return err
	}), 2, 4)
	assert("createService of 2 KB", w.metered(func(ctx context.Context) error {
		_, err := w.CreateService(ctx, w.caller, CreateServiceInput{w.project, twoKB("Orders")})
		return err
	}), 2, 6)
	assert("updateService of 2 KB", w.metered(func(ctx context.Context) error {
		_, err := w.UpdateService(ctx, w.caller, UpdateServiceInput{ProjectID: w.project, ServiceSlug: "orders", Body: described(prose("changed", 200))})
		return err
	}), 2, 8)
	assert("updateService that changes nothing", w.metered(func(ctx context.Context) error {
		_, err := w.UpdateService(ctx, w.caller, UpdateServiceInput{ProjectID: w.project, ServiceSlug: "orders", Body: ServicePatch{}})
		return err
	}), 2, 0)
	for i := range 10 {
		must(w.update("orders", described(fmt.Sprint(i))))(w)
	}
	w.after(1000)
	assert("getService now", w.metered(func(ctx context.Context) error {
		_, err := w.GetService(ctx, w.caller, in)
		return err
	}), 1, 0)
	past := in
	past.At = new(ms(15))
	assert("getService at t", w.metered(func(ctx context.Context) error {
		_, err := w.GetService(ctx, w.caller, past)
		return err
	}), 2, 0)
	assert("getServiceRaw at t", w.metered(func(ctx context.Context) error {
		_, err := w.GetServiceRaw(ctx, w.caller, past)
		return err
	}), 3, 0)
	for i := range 40 {
		must(w.create(twoKB(fmt.Sprintf("Service %d", i))))(w)
	}
	// 41 items of 2 KB, compressed, are 6 units, and the head is one.
	assert("listServices of 41 x 2 KB", w.metered(func(ctx context.Context) error {
		_, err := w.ListServices(ctx, w.caller, ListServicesInput{ProjectID: w.project, Limit: 1000})
		return err
	}), 7, 0)
	assert("getHistory, page 1 of 50", w.metered(func(ctx context.Context) error {
		_, err := w.GetHistory(ctx, w.caller, GetHistoryInput{ProjectID: w.project, Size: 50})
		return err
	}), 5, 0)
	assert("deleteService of 2 KB", w.metered(func(ctx context.Context) error {
		return w.DeleteService(ctx, w.caller, DeleteServiceInput{ProjectID: w.project, ServiceSlug: "service-7"})
	}), 3, 10)
}
