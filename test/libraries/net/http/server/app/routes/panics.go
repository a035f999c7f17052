package routes

import (
	"errors"
	"io"
	"net/http"
	"runtime"
)

type ownError struct{ reason string }

func (e ownError) Error() string { return e.reason }

func panics(mux *http.ServeMux) {
	cases := map[string]http.HandlerFunc{
		"string": func(http.ResponseWriter, *http.Request) { panic("boom") },
		"error":  func(http.ResponseWriter, *http.Request) { panic(errors.New("boom")) },
		"own":    func(http.ResponseWriter, *http.Request) { panic(ownError{"boom"}) },
		"int":    func(http.ResponseWriter, *http.Request) { panic(42) },
		"index": func(_ http.ResponseWriter, r *http.Request) {
			_ = []int{}[len(r.Header["No-Such-Header"])]
		},
		"nil-map": func(_ http.ResponseWriter, r *http.Request) {
			var m map[string]string
			m[r.URL.Path] = ""
		},
		"nil-pointer": func(_ http.ResponseWriter, r *http.Request) {
			var own *ownError
			own.reason = r.URL.Path
		},
		"after": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, "begun")
			panic(errors.New("boom"))
		},
		"abort":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"goexit": func(http.ResponseWriter, *http.Request) { runtime.Goexit() },
		"recovered": func(w http.ResponseWriter, _ *http.Request) {
			defer func() {
				if recover() != nil {
					http.Error(w, "recovered", http.StatusServiceUnavailable)
				}
			}()
			panic("boom")
		},
		// A deferred function panics anew, so the first value is not the one that net/http sees.
		"repanic": func(http.ResponseWriter, *http.Request) {
			defer func() { panic(ownError{"second: " + recover().(string)}) }()
			panic("first")
		},
	}
	for name, handler := range cases {
		handle(mux, "/panic/"+name, handler)
	}
}
