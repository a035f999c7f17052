// A server with gorilla's mux: subrouters in subrouters, a prefix, redirects, handlers that panic. It knows nothing of
// tracing.
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

	"github.com/gorilla/mux"
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
	r := mux.NewRouter().StrictSlash(true)
	r.HandleFunc("/plain", ok)
	r.HandleFunc("/items/{id:[0-9]+}", ok).Methods("GET")
	r.HandleFunc("/slash/", ok)
	r.HandleFunc("/missing/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	r.HandleFunc("/panic/{id}", fail)
	r.Handle("/recovered/{id}", recovered(http.HandlerFunc(fail)))
	r.PathPrefix("/files/").HandlerFunc(ok)
	r.Headers("X-Only", "1").HandlerFunc(ok)
	users := r.PathPrefix("/api").Subrouter().PathPrefix("/v1").Subrouter().PathPrefix("/users/{user}").Subrouter()
	users.Use(recovered)
	users.HandleFunc("/orders/{order}", ok).Methods("POST")
	own := r.PathPrefix("/own").Subrouter()
	own.HandleFunc("/{id}", ok).Methods("POST")
	own.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	own.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMethodNotAllowed)
	})
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
