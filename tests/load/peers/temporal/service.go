package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// facts are what a client writes of a service.
type facts struct {
	Name        string            `json:"name"`
	Description *string           `json:"description,omitempty"`
	Category    *string           `json:"category,omitempty"`
	Owner       *string           `json:"owner,omitempty"`
	Flows       []string          `json:"flows,omitempty"`
	Consumes    []topic           `json:"consumes"`
	Produces    []topic           `json:"produces"`
	Extras      map[string]string `json:"extras,omitempty"`
}

type topic struct {
	Name string `json:"name"`
}

// patch is a part of facts; what is absent stays.
type patch struct {
	Description *string            `json:"description"`
	Category    *string            `json:"category"`
	Owner       *string            `json:"owner"`
	Flows       *[]string          `json:"flows"`
	Consumes    *[]topic           `json:"consumes"`
	Produces    *[]topic           `json:"produces"`
	Extras      *map[string]string `json:"extras"`
}

func (f facts) with(p patch) facts {
	set(&f.Description, p.Description)
	set(&f.Category, p.Category)
	set(&f.Owner, p.Owner)
	if p.Flows != nil {
		f.Flows = *p.Flows
	}
	if p.Consumes != nil {
		f.Consumes = *p.Consumes
	}
	if p.Produces != nil {
		f.Produces = *p.Produces
	}
	if p.Extras != nil {
		f.Extras = *p.Extras
	}
	return f
}

func set(to **string, value *string) {
	if value != nil {
		*to = value
	}
}

type service struct {
	Slug string `json:"slug"`
	facts
	CreatedAt  instant `json:"createdAt"`
	ValidFrom  instant `json:"validFrom"`
	ValidUntil instant `json:"validUntil,omitzero"`
}

// instant is UTC in milliseconds, as Almanac gives it.
type instant struct{ time.Time }

func (i instant) MarshalText() ([]byte, error) {
	return i.UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

// project is one of the many that the keys of the indexes are made for.
const project = 7

const (
	columns = "slug, body, created_at, lower(valid), upper(valid)"

	getNow = "SELECT " + columns + " FROM service WHERE project = $1 AND slug = $2 AND upper_inf(valid)"
	// The last version that began by then, if it had not ended.
	getAt = "SELECT " + columns + " FROM (SELECT * FROM service WHERE project = $1 AND slug = $2 AND lower(valid) <= $3" +
		" ORDER BY lower(valid) DESC LIMIT 1) v WHERE valid @> $3::timestamptz"
	listNow = "SELECT " + columns + " FROM service WHERE project = $1 AND upper_inf(valid) ORDER BY slug"
	listAt  = "SELECT " + columns + " FROM service WHERE project = $1 AND valid @> $2::timestamptz ORDER BY slug"
	// One statement, so that it takes one turn and needs no transaction around
	// it; it does nothing unless the version that was read is still open.
	replace = `WITH closed AS (
		UPDATE service SET valid = tstzrange(lower(valid), $4)
		WHERE project = $1 AND slug = $2 AND upper_inf(valid) AND lower(valid) = $3 RETURNING created_at
	) INSERT INTO service (project, slug, valid, created_at, body)
	SELECT $1, $2, tstzrange($4, NULL), created_at, $5 FROM closed`
	create = "INSERT INTO service (project, slug, valid, created_at, body) VALUES ($1, $2, tstzrange($3, NULL), $3, $4)"
)

func scan(row pgx.Row) (s service, err error) {
	var body []byte
	var until *time.Time
	if err := row.Scan(&s.Slug, &body, &s.CreatedAt.Time, &s.ValidFrom.Time, &until); err != nil {
		return s, err
	}
	if until != nil {
		s.ValidUntil.Time = *until
	}
	return s, json.Unmarshal(body, &s.facts)
}

// answer encodes what an operation gives.
func (s server) answer(do func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := do(r)
		var body bytes.Buffer
		if err == nil {
			err = json.NewEncoder(&body).Encode(v)
		}
		if err != nil {
			http.Error(w, err.Error(), status(err))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
		_, _ = w.Write(body.Bytes()) // a client may be gone
	}
}

func (s server) get(r *http.Request) (any, error) {
	if at := r.URL.Query().Get("at"); at != "" {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return nil, err
		}
		return scan(s.pool.QueryRow(r.Context(), getAt, project, r.PathValue("slug"), t))
	}
	return scan(s.pool.QueryRow(r.Context(), getNow, project, r.PathValue("slug")))
}

func (s server) list(r *http.Request) (any, error) {
	query, args := listNow, []any{project}
	if at := r.URL.Query().Get("at"); at != "" {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return nil, err
		}
		query, args = listAt, append(args, t)
	}
	rows, err := s.pool.Query(r.Context(), query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (service, error) { return scan(row) })
}

// next is the instant of a version after another one.
func next(last time.Time) time.Time {
	now := time.Now().Truncate(time.Millisecond)
	if !now.After(last) {
		return last.Add(time.Millisecond)
	}
	return now
}

// update changes what is sent; of two that meet, one begins again.
func (s server) update(r *http.Request) (any, error) {
	var changes patch
	if err := json.NewDecoder(r.Body).Decode(&changes); err != nil {
		return nil, err
	}
	for {
		was, err := scan(s.pool.QueryRow(r.Context(), getNow, project, r.PathValue("slug")))
		if err != nil {
			return nil, err
		}
		is := was
		is.facts = was.with(changes)
		if reflect.DeepEqual(is.facts, was.facts) {
			return was, nil
		}
		is.ValidFrom.Time = next(was.ValidFrom.Time)
		body, err := json.Marshal(is.facts)
		if err != nil {
			return nil, err
		}
		done, err := s.pool.Exec(r.Context(), replace, project, was.Slug, was.ValidFrom.Time, is.ValidFrom.Time, body)
		if err != nil {
			return nil, err
		}
		if done.RowsAffected() == 1 {
			return is, nil
		}
	}
}

// upsert creates or replaces whole services in one transaction; a name is its
// own slug. It is for filling the table.
func (s server) upsert(r *http.Request) (any, error) {
	var all []facts
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
		return nil, err
	}
	return len(all), pgx.BeginFunc(r.Context(), s.pool, func(tx pgx.Tx) error {
		for _, f := range all {
			if err := put(r.Context(), tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func put(ctx context.Context, tx pgx.Tx, f facts) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	was, err := scan(tx.QueryRow(ctx, getNow, project, f.Name))
	switch {
	case err == pgx.ErrNoRows:
		_, err = tx.Exec(ctx, create, project, f.Name, next(time.Time{}), body)
	case err == nil:
		_, err = tx.Exec(ctx, replace, project, f.Name, was.ValidFrom.Time, next(was.ValidFrom.Time), body)
	}
	return err
}
