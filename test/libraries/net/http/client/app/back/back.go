// Package back is what the traced program calls.
package back

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

type served struct{ requests int32 }

type servedKey struct{}

// Serve listens on a port for each mode, and says so.
func Serve() {
	plain := httptest.NewUnstartedServer(handler())
	plain.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, servedKey{}, &served{})
	}
	allowH2C(plain.Config)
	plain.Start()
	secure := httptest.NewUnstartedServer(handler())
	secure.EnableHTTP2 = true
	secure.StartTLS()
	fmt.Println("listening", strings.TrimPrefix(plain.URL, "http://"), "h1")
	fmt.Println("listening", serveRefusing(secure.TLS.Certificates), "refusing")
	fmt.Println("listening", strings.TrimPrefix(secure.URL, "https://"), "tls")
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		count(r)
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "ok")
	})
	mux.HandleFunc("/status/", func(w http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/status/"))
		w.WriteHeader(code)
	})
	// /redirect/2 → /redirect/1 → /redirect/0
	mux.HandleFunc("/redirect/", func(w http.ResponseWriter, r *http.Request) {
		left, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/redirect/"))
		if left > 0 {
			w.Header().Set("Location", fmt.Sprintf("/redirect/%d?%s", left-1, r.URL.RawQuery))
			w.WriteHeader(http.StatusFound)
		}
	})
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < 3; i++ {
			io.WriteString(w, "part")
			w.(http.Flusher).Flush()
		}
	})
	// Until the client gives up.
	mux.HandleFunc("/never", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/soon", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		io.WriteString(w, "ok")
	})
	// A connection that has served a request before is closed without an answer.
	mux.HandleFunc("/hang-up", func(w http.ResponseWriter, r *http.Request) {
		if count(r) == 1 {
			io.WriteString(w, "ok")
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	})
	return mux
}

// count says how many requests the connection of this one has served, with it.
func count(r *http.Request) int32 {
	if s, ok := r.Context().Value(servedKey{}).(*served); ok {
		return atomic.AddInt32(&s.requests, 1)
	}
	return 0
}
