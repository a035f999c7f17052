// Package calls makes one request for another, as its query says.
package calls

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2"
)

// transport is shared by all calls but those that are about one connection.
var transport = newTransport()

func newTransport() *http.Transport {
	return &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		ForceAttemptHTTP2: true,
	}
}

// x is golang.org/x/net's Transport by itself, and xBelow has it below net/http's.
var (
	x      = &http2.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	xBelow = withX(newTransport())
)

func withX(t *http.Transport) *http.Transport {
	if err := http2.ConfigureTransport(t); err != nil {
		panic(err)
	}
	return t
}

// through is a RoundTripper as applications put them around a Transport.
type through struct{ next http.RoundTripper }

func (t through) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Header.Set("Seen", "yes")
	return resp, nil
}

// Register adds the routes; bases are URLs by their names.
func Register(mux *http.ServeMux, bases map[string]string) {
	mux.HandleFunc("/call", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		req, cancel, err := request(r, bases)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		defer cancel()
		if err := do(req, q.Get("via")); err == nil {
			io.WriteString(w, "ok")
		}
	})
	mux.HandleFunc("/proxied", func(w http.ResponseWriter, r *http.Request) {
		target, _ := url.Parse(bases["h1"])
		httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
	})
	// A dump goes through a Transport, but to nobody.
	mux.HandleFunc("/dumped", func(w http.ResponseWriter, r *http.Request) {
		req, _ := http.NewRequestWithContext(r.Context(), "GET", bases["h1"]+"/ok?case="+r.URL.Query().Get("case"), nil)
		if _, err := httputil.DumpRequestOut(req, true); err == nil {
			drain(transport.RoundTrip(req))
		}
		io.WriteString(w, "ok")
	})
	// Two requests over one connection, the first one to wake it up.
	mux.HandleFunc("/reused", func(w http.ResponseWriter, r *http.Request) {
		own := newTransport()
		for _, to := range []string{"/ok", "/hang-up"} {
			req, _ := http.NewRequestWithContext(r.Context(), "GET", bases["h1"]+to+"?case="+r.URL.Query().Get("case"), nil)
			drain(own.RoundTrip(req))
		}
		own.CloseIdleConnections()
		io.WriteString(w, "ok")
	})
}

// request: method, base, to, user, header=Name:value, body=bytes, chunked, timeout and cancel in milliseconds, opaque.
func request(r *http.Request, bases map[string]string) (*http.Request, context.CancelFunc, error) {
	q := r.URL.Query()
	ctx, cancel := context.WithCancel(r.Context())
	if text := q.Get("timeout"); text != "" {
		ms, _ := strconv.Atoi(text)
		ctx, cancel = context.WithTimeout(r.Context(), time.Duration(ms)*time.Millisecond)
	}
	if text := q.Get("cancel"); text != "" {
		ms, _ := strconv.Atoi(text)
		time.AfterFunc(time.Duration(ms)*time.Millisecond, cancel)
	}
	var body io.Reader
	if text := q.Get("body"); text != "" {
		n, _ := strconv.Atoi(text)
		body = bytes.NewReader(make([]byte, n))
		if q.Get("chunked") != "" {
			body = io.MultiReader(body)
		}
	}
	to := q.Get("to")
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	base := q.Get("base")
	if base == "" {
		base = "h1"
	}
	req, err := http.NewRequestWithContext(ctx, q.Get("method"), bases[base]+to+separator+"case="+q.Get("case"), body)
	if err != nil {
		return nil, cancel, err
	}
	if q.Get("method") == "" {
		req.Method = ""
	}
	if user := q.Get("user"); user != "" {
		req.URL.User = url.UserPassword(user, "s3cret")
	}
	if opaque := q.Get("opaque"); opaque != "" {
		req.URL.Opaque = opaque
	}
	for _, header := range q["header"] {
		parts := strings.SplitN(header, ":", 2)
		// As it is, not in canonical form.
		req.Header[parts[0]] = []string{parts[1]}
	}
	return req, cancel, nil
}

func do(req *http.Request, via string) error {
	switch via {
	case "transport":
		return drain(transport.RoundTrip(req))
	case "h2c":
		client := &http.Client{Transport: h2c}
		return drain(client.Do(req))
	case "x":
		client := &http.Client{Transport: x}
		return drain(client.Do(req))
	case "x-below":
		client := &http.Client{Transport: xBelow}
		return drain(client.Do(req))
	case "wrapped":
		client := &http.Client{Transport: through{transport}}
		return drain(client.Do(req))
	case "interface":
		return drain(anyTransport().RoundTrip(req))
	default:
		client := &http.Client{Transport: transport}
		return drain(client.Do(req))
	}
}

// anyTransport hides from the compiler what it is, and so from the binary who is called.
//
//go:noinline
func anyTransport() http.RoundTripper { return transport }

func drain(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	io.Copy(io.Discard, resp.Body)
	return resp.Body.Close()
}
