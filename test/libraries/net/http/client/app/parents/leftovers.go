package parents

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// values is context.WithoutCancel, which Go has since 1.21.
type values struct{ context.Context }

func (values) Deadline() (time.Time, bool) { return time.Time{}, false }
func (values) Done() <-chan struct{}       { return nil }
func (values) Err() error                  { return nil }

// registerLeftovers: what goes on when the request that began it has ended.
func (c caller) registerLeftovers(handle handle) {
	const later = 60 * time.Millisecond
	handle("/detached", func(r *http.Request) {
		go func() { time.Sleep(later); c.get(values{r.Context()}, r, "detached") }()
	})
	handle("/detached-background", func(r *http.Request) {
		go func() { time.Sleep(later); c.get(context.Background(), r, "detached") }()
	})

	// The second request of a connection waits until what the first one has left has called.
	var mu sync.Mutex
	left := map[string]chan chan struct{}{}
	handle("/leftover/begin", func(r *http.Request) {
		wake := make(chan chan struct{})
		mu.Lock()
		left[r.URL.Query().Get("case")] = wake
		mu.Unlock()
		go func() {
			done := <-wake
			c.get(context.Background(), r, "leftover")
			c.get(values{r.Context()}, r, "leftover")
			close(done)
		}()
	})
	handle("/leftover/end", func(r *http.Request) {
		mu.Lock()
		wake := left[r.URL.Query().Get("case")]
		mu.Unlock()
		done := make(chan struct{})
		wake <- done
		<-done
		c.get(r.Context(), r, "own")
	})

	// A pool that the first request starts, and the second one uses.
	pools := map[string]workers{}
	handle("/pool/begin", func(r *http.Request) {
		pool := startWorkers(2)
		mu.Lock()
		pools[r.URL.Query().Get("case")] = pool
		mu.Unlock()
	})
	handle("/pool/use", func(r *http.Request) {
		mu.Lock()
		pool := pools[r.URL.Query().Get("case")]
		mu.Unlock()
		pool.do(func() { c.get(context.Background(), r, "stranger") })
		pool.do(func() { c.get(r.Context(), r, "own") })
	})
	// While the pool calls, so does the goroutine that has once started it.
	handle("/pool/beside", func(r *http.Request) {
		mu.Lock()
		pool := pools[r.URL.Query().Get("case")]
		mu.Unlock()
		calling := make(chan struct{})
		ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { close(calling) },
		})
		done := make(chan struct{})
		pool <- func() {
			defer close(done)
			<-calling
			c.get(context.Background(), r, "stranger")
		}
		c.get(ctx, r, "soon")
		<-done
	})
}
