// Package parents calls from all the places that a program calls from, other than the goroutine of its handler.
package parents

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

type caller struct{ base string }

// get calls `what` on behalf of the request r, with the context that it is given.
func (c caller) get(ctx context.Context, r *http.Request, what string) {
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/"+what+"?case="+r.URL.Query().Get("case"), nil)
	if err != nil {
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

// Register adds the routes, which call what is below base.
func Register(mux *http.ServeMux, base string) {
	c := caller{base}
	workers := startWorkers(4)
	handle := func(path string, handler func(r *http.Request)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			handler(r)
			io.WriteString(w, "ok")
		})
	}
	handle("/errgroup", func(r *http.Request) {
		group, ctx := errgroup.WithContext(r.Context())
		for i := 0; i < 8; i++ {
			group.Go(func() error { c.get(ctx, r, "fan"); return nil })
		}
		group.Wait()
	})
	handle("/background", func(r *http.Request) { c.get(context.Background(), r, "background") })
	handle("/go-background", func(r *http.Request) {
		var group sync.WaitGroup
		for i := 0; i < 4; i++ {
			group.Add(1)
			go func() { defer group.Done(); c.get(context.Background(), r, "background") }()
		}
		group.Wait()
	})
	handle("/after-func", func(r *http.Request) {
		done := make(chan struct{})
		time.AfterFunc(time.Millisecond, func() { c.get(r.Context(), r, "timer"); close(done) })
		<-done
	})
	handle("/after-func-background", func(r *http.Request) {
		done := make(chan struct{})
		time.AfterFunc(time.Millisecond, func() { c.get(context.Background(), r, "timer"); close(done) })
		<-done
	})
	handle("/deep", func(r *http.Request) { c.deep(r.Context(), r, 64) })
	handle("/worker", func(r *http.Request) { workers.do(func() { c.get(r.Context(), r, "work") }) })
	handle("/worker-background", func(r *http.Request) {
		workers.do(func() { c.get(context.Background(), r, "work") })
	})
	for name, wrap := range contexts {
		wrap := wrap
		handle("/context/"+name, func(r *http.Request) {
			ctx := wrap(r.Context())
			workers.do(func() { c.get(ctx, r, "custom") })
		})
	}
	slow := func(w http.ResponseWriter, r *http.Request) { c.get(r.Context(), r, "in-time") }
	mux.Handle("/timeout-handler", http.TimeoutHandler(http.HandlerFunc(slow), time.Minute, "late"))
	late := func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		time.Sleep(50 * time.Millisecond)
		c.get(context.Background(), r, "late")
	}
	mux.Handle("/timeout-handler/late", http.TimeoutHandler(http.HandlerFunc(late), time.Millisecond, "late"))
	// Two calls at a time, of which neither is within the other.
	handle("/beside", func(r *http.Request) {
		done := make(chan struct{})
		go func() { defer close(done); c.get(r.Context(), r, "soon") }()
		c.get(r.Context(), r, "soon")
		<-done
	})
	// What calls back in the middle of a call is within it.
	handle("/within", func(r *http.Request) {
		ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			GetConn: func(string) { workers.do(func() { c.get(r.Context(), r, "beside") }) },
		})
		c.get(ctx, r, "outer")
	})
	handle("/panic", func(r *http.Request) {
		c.panicking(r)
		c.get(r.Context(), r, "after")
		c.get(context.Background(), r, "after")
	})
	c.registerPipeline(handle)
	c.registerLeftovers(handle)
}

// panicking: a call that never returns.
func (c caller) panicking(r *http.Request) {
	defer func() { recover() }()
	c.get(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { panic("in the middle") },
	}), r, "lost")
}

type handle = func(path string, handler func(r *http.Request))

type contextKey int

// deep starts a goroutine that starts a goroutine and so on; the last one calls.
func (c caller) deep(ctx context.Context, r *http.Request, depth int) {
	if depth == 0 {
		c.get(ctx, r, "deep")
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.deep(context.WithValue(ctx, contextKey(depth), depth), r, depth-1)
	}()
	<-done
}

// registerPipeline: stages that the program has started before there were requests, and channels between them.
func (c caller) registerPipeline(handle handle) {
	type item struct {
		ctx  context.Context
		r    *http.Request
		done chan struct{}
	}
	first, second, third := make(chan item), make(chan item), make(chan item)
	stage := func(from, to chan item, what string) {
		for it := range from {
			c.get(it.ctx, it.r, what)
			if to == nil {
				close(it.done)
			} else {
				to <- it
			}
		}
	}
	go stage(first, second, "first")
	go stage(second, third, "second")
	go stage(third, nil, "third")
	handle("/pipeline", func(r *http.Request) {
		it := item{r.Context(), r, make(chan struct{})}
		first <- it
		<-it.done
	})
}
