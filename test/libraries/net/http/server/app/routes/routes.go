// Package routes has one route for each thing that a handler can do and a tracer can get wrong.
package routes

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Handler serves every route. Paths under /bare/ don't pass a ServeMux, so they have no route.
func Handler() http.Handler {
	mux := http.NewServeMux()
	answers(mux)
	streams(mux)
	panics(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/bare/") {
			io.WriteString(w, "ok")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func answers(mux *http.ServeMux) {
	handle(mux, "/plain", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	handle(mux, "GET /items/{id}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, pathValue(r, "id")) })
	handle(mux, "GET items.example/host/{name}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, pathValue(r, "name")) })
	handle(mux, "/files/{path...}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, pathValue(r, "path")) })
	handle(mux, "/nothing", func(http.ResponseWriter, *http.Request) {})
	handle(mux, "/twice", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, "twice")
	})
	handle(mux, "/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(pathValue(r, "code"))
		if err != nil {
			code = http.StatusBadRequest
		}
		w.WriteHeader(code)
	})
	handle(mux, "/wrapped", func(w http.ResponseWriter, r *http.Request) {
		recorder := &recorder{ResponseWriter: w}
		recorder.WriteHeader(http.StatusAccepted)
		io.WriteString(recorder, "wrapped")
	})
	handle(mux, "/redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/plain", http.StatusFound) })
	handle(mux, "/mutate", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawQuery, r.Method = "/changed", "changed=1", "CHANGED"
		r.Header.Set("User-Agent", "changed")
		io.WriteString(w, "mutated")
	})
	inner := http.NewServeMux()
	handle(inner, "GET /things/{id}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, pathValue(r, "id")) })
	mux.Handle("/sub/", http.StripPrefix("/sub", inner))
	handle(mux, "/hints", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, "hinted")
	})
	handle(mux, "/slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(100 * time.Millisecond)
		io.WriteString(w, "slow")
	})
	handle(mux, "/sleep/{milliseconds}", func(w http.ResponseWriter, r *http.Request) {
		milliseconds, _ := strconv.Atoi(pathValue(r, "milliseconds"))
		time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	})
	mux.Handle("/timeout", http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}), 50*time.Millisecond, "too slow"))
	handle(mux, "/deep/{frames}", func(w http.ResponseWriter, r *http.Request) {
		frames, _ := strconv.Atoi(pathValue(r, "frames"))
		fmt.Fprint(w, descend(frames) != 0)
	})
}

// recorder hides the methods of the ResponseWriter it wraps, as many middlewares do.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// descend makes the stack grow: half a kilobyte a frame.
//
//go:noinline
func descend(frames int) byte {
	var local [512]byte
	local[frames&511] = byte(frames) | 1
	if frames == 0 {
		return local[0]
	}
	return descend(frames-1) | local[frames&511]
}
