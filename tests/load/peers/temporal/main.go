// Command temporal is what Almanac is compared with: the same few requests
// answered by a small server over a temporal table in PostgreSQL. It does less
// than Almanac does: one key, no validation beyond JSON's, no log, no order of
// all writes of a project.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: temporal DATABASE-URL KEY")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "temporal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, database, key string) error {
	// It keeps prepared statements by itself.
	pool, err := pgxpool.New(ctx, database)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, schema, pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	s := server{pool}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /services/{slug}", s.answer(s.get))
	mux.HandleFunc("GET /services", s.answer(s.list))
	mux.HandleFunc("PUT /services/{slug}", s.answer(s.update))
	mux.HandleFunc("PUT /services", s.answer(s.upsert))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	authorization := "Bearer " + key
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != authorization {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

type server struct{ pool *pgxpool.Pool }

func status(err error) int {
	if errors.Is(err, pgx.ErrNoRows) {
		return http.StatusNotFound
	}
	return http.StatusInternalServerError
}
