// Package routes has a route for each of the ends that a request can have.
package routes

import (
	"errors"
	"io"
	"net/http"
)

// Handler serves the routes; /plain answers with what `answer` makes of 42.
func Handler(answer func(int) string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/plain", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer(42)) })
	mux.HandleFunc(itemPattern, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, itemOf(r)) })
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		w.Write(body)
	})
	mux.HandleFunc("/error", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	})
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic(errors.New("boom")) })
	return mux
}
