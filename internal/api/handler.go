package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"almanac/internal/fault"
	"almanac/internal/limit"
	"almanac/internal/store"
	"almanac/internal/tenant"
)

// Config is what a host gives its handler.
type Config struct {
	Deps         Deps
	Authenticate func(*http.Request) (tenant.Principal, error)
	Limiter      *limit.Limiter // nil: no key is limited
	Log          *slog.Logger   // one line a request; never a key or a body
	// Stop is closed when the host stops: whoever waits for something new then
	// waits no more. It is nil where the host cannot stream.
	Stop <-chan struct{}
}

// NewHandler serves the endpoints. Every path that is none of theirs is 404,
// every method of their paths that is none of theirs 405, key or no key.
func NewHandler(c Config, endpoints ...Endpoint) http.Handler {
	mux := http.NewServeMux()
	paths := map[string]map[string]http.HandlerFunc{}
	for _, e := range endpoints {
		if paths[e.Path] == nil {
			paths[e.Path] = map[string]http.HandlerFunc{}
		}
		paths[e.Path][e.Method] = c.serve(e)
	}
	for pattern, methods := range paths {
		var allow []string
		for m := range methods {
			allow = append(allow, m)
		}
		slices.Sort(allow)
		refuse := c.refuse(notAllowed(allow), strings.Join(allow, ", "))
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if serve, ok := methods[r.Method]; ok {
				serve(w, r)
				return
			}
			refuse(w, r)
		})
	}
	unknown := c.refuse(errRouteNotFound, "")
	mux.HandleFunc("/", unknown)
	for _, path := range parents(paths) {
		if paths[path] == nil {
			mux.HandleFunc(path, unknown)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// ServeMux would redirect a path like //v1, and refuse * in words of
		// its own; we know no such path.
		if p := r.URL.EscapedPath(); p == "*" || p != "/" && path.Clean(p) != p {
			unknown(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// exchange is one request on its way to an answer.
type exchange struct {
	w         http.ResponseWriter
	r         *http.Request // its context carries the meter
	meter     *store.Meter
	began     time.Time
	requestID string
	operation string
	workspace string
	revocable bool          // no answer may outlive what let the request in
	allowed   time.Duration // that the answer may take; 0: as long as it likes
	status    int
}

func (x *exchange) Header() http.Header         { return x.w.Header() }
func (x *exchange) Write(b []byte) (int, error) { return x.w.Write(b) }
func (x *exchange) Unwrap() http.ResponseWriter { return x.w }

func (x *exchange) WriteHeader(status int) {
	if x.revocable {
		x.Header().Set("Cache-Control", noStore)
	}
	x.status = status
	x.w.WriteHeader(status)
}

func (c Config) begin(w http.ResponseWriter, r *http.Request, operation string) *exchange {
	ctx, meter := store.WithMeter(r.Context())
	x := &exchange{w: w, r: r.WithContext(ctx), meter: meter, began: time.Now(), requestID: requestID(r), operation: operation}
	w.Header().Set("X-Request-Id", x.requestID)
	return x
}

func (c Config) serve(e Endpoint) http.HandlerFunc {
	admit, do := c.admission(e), c.operation(e)
	return func(w http.ResponseWriter, r *http.Request) {
		x := c.begin(w, r, e.ID)
		x.revocable, x.allowed = e.Public(), e.Timeout
		var err error
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				c.fail(x, err)
			}
			c.log(x, err)
		}()
		ctx, cancel := context.WithTimeout(x.r.Context(), e.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		var p tenant.Principal
		if ctx, p, err = admit(ctx, r); err == nil {
			x.workspace = p.Workspace
			if err = c.limit(ctx, x.Header(), p); err == nil && !e.Public() {
				err = e.require(p)
			}
		}
		var answer any
		if err == nil {
			answer, err = do(ctx, p, r)
		}
		page, follows := answer.(followed)
		streams := follows && c.wantsStream(r)
		if follows && !streams && err == nil && page.Wait() > 0 {
			answer, err = c.await(ctx, e, r, page.Wait(), answer, func() (any, error) { return do(ctx, p, r) })
		}
		switch {
		case err != nil:
		case streams:
			x.allowed = 0
			err = c.stream(x, e, do, page)
		default:
			err = writeAnswer(x, r, e.Success, answer)
		}
		if err != nil {
			c.fail(x, err)
		}
	}
}

// admission is who lets the requests of an endpoint in: its own, or that of keys.
func (c Config) admission(e Endpoint) admission {
	if e.admit != nil {
		return e.admit(c.Deps)
	}
	return func(ctx context.Context, r *http.Request) (context.Context, tenant.Principal, error) {
		p, err := c.Authenticate(r)
		return ctx, p, err
	}
}

// Refuse answers every request as its endpoint does when it fails, for a host
// that cannot ask it.
func (c Config) Refuse(e Endpoint, cause error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x := c.begin(w, r, e.ID)
		c.fail(x, cause)
		c.log(x, cause)
	}
}

// refuse answers every request with one error.
func (c Config) refuse(f *fault.Error, allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x := c.begin(w, r, "")
		if allow != "" {
			w.Header().Set("Allow", allow)
		}
		c.fail(x, f)
		c.log(x, nil)
	}
}

// fail answers with an error, unless an answer has begun.
func (c Config) fail(x *exchange, err error) {
	if x.status != 0 {
		return
	}
	f := faultOf(err)
	h := x.Header()
	for _, name := range []string{"ETag", "Link"} {
		h.Del(name)
	}
	h.Set("Cache-Control", noStore)
	switch f.Kind {
	case fault.Unauthenticated:
		h.Set("WWW-Authenticate", "Bearer")
	case fault.Limited:
		h.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	status := StatusOf(f.Kind)
	if err := writeJSON(x, status, dialectOf(x.r.URL.Path).failure(status, f)); err != nil {
		panic(err) // an error body is plain data
	}
}

// faultOf gives err its kind: a store that does not answer is Unavailable.
func faultOf(err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errTimedOut.Because(err)
	}
	switch store.KindOf(err) {
	case store.Conflict, store.Throttled, store.Unavailable:
		return errStore.Because(err)
	}
	return fault.Of(err)
}

// Slow is the part of its time that a request may take before the log marks it.
const Slow = 0.8

func (c Config) log(x *exchange, err error) {
	level, took := slog.LevelInfo, time.Since(x.began)
	read, written := x.meter.Units()
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs,
		slog.String("request_id", x.requestID),
		slog.String("operation", x.operation),
		slog.Int("status", x.status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("workspace", x.workspace),
		slog.Float64("read_units", read),
		slog.Float64("write_units", written))
	if x.allowed > 0 && took.Seconds() > Slow*x.allowed.Seconds() {
		attrs = append(attrs, slog.Bool("slow", true))
	}
	// An answer that has begun keeps its status, whatever comes then.
	if err != nil && StatusOf(faultOf(err).Kind) >= http.StatusInternalServerError {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	c.Log.LogAttrs(x.r.Context(), level, "request", attrs...)
}

// requestID is the caller's own where it is fit to be logged, else a new one. A
// key that is sent here by mistake is not.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	fit := func(c rune) bool {
		return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '_' || c == '.'
	}
	if id != "" && len(id) <= 128 && !strings.Contains(id, "alm_") && strings.IndexFunc(id, func(c rune) bool { return !fit(c) }) < 0 {
		return id
	}
	return rand.Text()
}
