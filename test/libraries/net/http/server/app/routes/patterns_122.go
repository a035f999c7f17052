//go:build go1.22

package routes

import "net/http"

func handle(mux *http.ServeMux, pattern string, handler http.HandlerFunc) {
	mux.HandleFunc(pattern, handler)
}

func pathValue(r *http.Request, name string) string { return r.PathValue(name) }
