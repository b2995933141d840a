package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"almanac/internal/catalog"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

// table answers GetItem as DynamoDB does, over items that the catalog wrote, in
// well under a millisecond each time: what is measured is the function.
type table struct {
	items *bolt.Store
	event []byte // asks for a service that is there
}

func newTable(ctx context.Context, dir string) (*table, error) {
	items, err := bolt.Open(dir)
	if err != nil {
		return nil, err
	}
	p := tenant.Principal{Workspace: "local", ID: "k", Label: "bench", Role: tenant.Owner}
	c := catalog.New(items, time.Now, 1)
	project, err := c.CreateProject(ctx, p, catalog.CreateProjectInput{Body: catalog.NewProject{Name: "Cold starts"}})
	if err != nil {
		return nil, err
	}
	// Of 2 KB, which are stored compressed.
	var topics []catalog.Topic
	for i := range 40 {
		topics = append(topics, catalog.Topic{Name: fmt.Sprintf("basket.event-%02d.happened", i)})
	}
	service, err := c.CreateService(ctx, p, catalog.CreateServiceInput{ProjectID: project.ID, Body: catalog.NewService{
		Name:         "Basket.API",
		ServiceFacts: catalog.ServiceFacts{Description: shape.Of("Shopping baskets, kept in Redis"), Produces: shape.Of(topics)},
	}})
	if err != nil {
		return nil, err
	}
	event, err := json.Marshal(map[string]any{
		"httpMethod":        http.MethodGet,
		"path":              "/v1/projects/" + project.ID + "/services/" + service.Slug,
		"multiValueHeaders": map[string][]string{"Accept": {"application/json"}},
		"requestContext": map[string]any{
			"requestId":  "8a1f7c52-0000-4000-8000-5a6b7c8d9e0f",
			"authorizer": map[string]any{"workspace": p.Workspace, "keyId": p.ID, "label": p.Label, "role": p.Role},
		},
	})
	return &table{items, event}, err
}

func (t *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	type text struct{ S string }
	var in struct{ Key struct{ PK, SK text } }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.GetItem" {
		http.Error(w, `{"__type":"com.amazon.coral.service#UnknownOperationException"}`, http.StatusBadRequest)
		return
	}
	out := map[string]any{"ConsumedCapacity": map[string]any{"CapacityUnits": 1, "TableName": "table"}}
	item, err := t.items.Get(r.Context(), store.Key{Partition: in.Key.PK.S, Sort: in.Key.SK.S})
	if err == nil {
		out["Item"] = map[string]any{
			store.AttrPartition: text{item.Partition},
			store.AttrSort:      text{item.Sort},
			store.AttrVersion:   map[string]any{"N": strconv.FormatInt(item.Version, 10)},
			store.AttrBody:      map[string]any{"B": item.Body},
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(out)
}
