//go:build !go1.22

package routes

import (
	"net/http"
	"strings"
)

// handle does what a pattern of Go 1.22 says: "METHOD host/path/{last}", all but the path being optional.
func handle(mux *http.ServeMux, pattern string, handler http.HandlerFunc) {
	method := ""
	if i := strings.Index(pattern, " "); i >= 0 {
		method, pattern = pattern[:i], pattern[i+1:]
	}
	if i := strings.Index(pattern, "{"); i >= 0 {
		pattern = pattern[:i]
	}
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if method != "" && r.Method != method && !(method == "GET" && r.Method == "HEAD") {
			http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
			return
		}
		handler(w, r)
	})
}

// pathValue returns what matched a pattern's last part: all behind the first one.
func pathValue(r *http.Request, _ string) string {
	return strings.SplitN(r.URL.Path, "/", 3)[2]
}
