// A server with chi's router: groups, mounts in mounts, a wildcard, handlers that panic. It knows nothing of tracing.
//
// It prints one line a listener, "listening ADDRESS NAME", and "ready" after the last: h1 is the router itself, timeout
// has it behind http.TimeoutHandler, on another goroutine, and mounted behind a ServeMux.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
)

func ok(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }

func fail(http.ResponseWriter, *http.Request) { panic("on purpose") }

func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func router() http.Handler {
	r := chi.NewRouter()
	r.Get("/", ok)
	r.Get("/plain", ok)
	r.Get("/items/{id:[0-9]+}", ok)
	r.Get("/files/*", ok)
	r.Get("/missing/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	r.Get("/panic/{id}", fail)
	r.With(recovered).Get("/recovered/{id}", fail)
	r.Route("/api", func(r chi.Router) {
		r.Route("/v1", func(r chi.Router) {
			orders := chi.NewRouter()
			orders.Post("/{order}", ok)
			r.Mount("/users/{user}/orders", orders)
			r.Get("/", ok)
		})
	})
	r.Mount("/static", http.StripPrefix("/static", http.HandlerFunc(ok)))
	return r
}

type nothing struct{}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }

func serve(name string, handler http.Handler) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr(), name)
	go func() {
		server := http.Server{Handler: handler, ErrorLog: log.New(nothing{}, "", 0)}
		log.Fatal(server.Serve(l))
	}()
}

func main() {
	serve("h1", router())
	serve("timeout", http.TimeoutHandler(router(), time.Minute, ""))
	mux := http.NewServeMux()
	mux.Handle("/", router())
	serve("mounted", mux)
	fmt.Println("ready")
	select {}
}
