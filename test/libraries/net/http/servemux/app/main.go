// A server whose middleware makes a new Request before a ServeMux gets it, and one whose middleware does not. It knows
// nothing of tracing.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

type key struct{}

func copying(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			io.WriteString(w, "ok")
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "user")))
	})
}

func mux() http.Handler {
	ok := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", ok)
	mux.HandleFunc("/missing/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	mux.HandleFunc("/panic/{id}", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	stripped := http.NewServeMux()
	stripped.HandleFunc("/things/{id}", ok)
	mux.Handle("/stripped/", http.StripPrefix("/stripped", stripped))
	whole := http.NewServeMux()
	whole.HandleFunc("/whole/things/{id}", ok)
	mux.Handle("/whole/", whole)
	return mux
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
	serve("h1", copying(mux()))
	serve("timeout", http.TimeoutHandler(mux(), time.Minute, ""))
	serve("plain", mux())
	fmt.Println("ready")
	select {}
}
