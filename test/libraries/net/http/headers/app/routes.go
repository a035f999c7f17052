package main

import (
	"io"
	"net/http"
	"strings"
)

func routes() http.Handler {
	mux := http.NewServeMux()
	for _, path := range []string{"/plain", "/healthz"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Answer-Id", r.Header.Get("X-Id"))
			io.WriteString(w, "plain")
		})
	}
	// The span has what came, not what the handler makes of it.
	mux.HandleFunc("/changed", func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("X-Id")
		r.Header.Set("X-Other", "changed")
		w.Header().Set("X-Answer-Id", "changed")
	})
	mux.HandleFunc("/answer", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Answer-Id"] = []string{"one", "two"}
		w.Header()["x-raw"] = []string{"raw"}
		w.Header().Set("Location", "https://user:pass@example.com/a?token=s3cret&page=2")
		w.Header().Set("Set-Cookie", "session=s3cret")
		w.WriteHeader(http.StatusAccepted)
		// Too late to be sent.
		w.Header().Set("X-Answer-Id", "late")
		w.Header().Set("X-Late", "late")
	})
	// What is sent before the handler first asks for its headers has none.
	mux.HandleFunc("/late", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, strings.Repeat("x", 1<<14))
		w.(http.Flusher).Flush()
		w.Header().Set("X-Answer-Id", "late")
	})
	// No status is written: net/http sends 200 with these headers.
	mux.HandleFunc("/silent", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Answer-Id", "silent")
	})
	mux.HandleFunc("/panic", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Answer-Id", "never sent")
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/many", func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < 200; i++ {
			w.Header().Set("X-Generated-"+strings.Repeat("i", i), "value")
		}
		w.Header().Set("X-Answer-Id", "among many")
	})
	// Calls the URL on the way to the headers that it is asked for.
	mux.HandleFunc("/call", func(w http.ResponseWriter, r *http.Request) {
		call(r, r.URL.Query().Get("url"))
		io.WriteString(w, "called")
	})
	// To be called: one span of a server, one of a client, one of a server, all with the same id.
	mux.HandleFunc("/chain", func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Id")
		w.Header().Set("X-Answer-Id", id)
		call(r, r.URL.Query().Get("url"))
	})
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Answer-Id", "first")
		http.Redirect(w, r, "/plain", http.StatusFound)
	})
	return mux
}
