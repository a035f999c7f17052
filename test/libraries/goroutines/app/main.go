// A server whose handlers start goroutines in all ways. What runs on them tells by the table of its statement where it
// was, and by "case" for which request: "DELETE FROM <place>_<case>".
package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

var db *sql.DB

// Of goroutines that wait until another request says so.
var release = make(chan struct{})

// With context.Background(): by its goroutine alone.
func do(place, id string) { doIn(context.Background(), place, id) }

func doIn(ctx context.Context, place, id string) {
	if _, err := db.ExecContext(ctx, "DELETE FROM "+place+"_"+id); err != nil {
		panic(err)
	}
}

type service struct{ place string }

func (s *service) run(id string, group *sync.WaitGroup) {
	defer group.Done()
	do(s.place, id)
}

func (s *service) value() {
	do(s.place, "value")
	valued <- struct{}{}
}

var valued = make(chan struct{})

func work(place, id string, group *sync.WaitGroup) {
	defer group.Done()
	do(place, id)
}

// Begins goroutines, and is called as any other function as well.
func both() {
	do("both", "b")
	bothDone <- struct{}{}
}

var bothDone = make(chan struct{}, 2)

var cases = map[string]func(id string, r *http.Request){
	"/func":            serveFunc,
	"/arguments":       serveArguments,
	"/method":          serveMethod,
	"/value":           serveValue,
	"/group":           serveGroup,
	"/nested":          serveNested,
	"/panics":          servePanics,
	"/exits":           serveExits,
	"/both":            serveBoth,
	"/outlives":        serveOutlives,
	"/later":           serveLater,
	"/brief":           serveBrief,
	"/release":         serveRelease,
	"/pool":            servePool,
	"/lazy":            serveLazy,
	"/lazy-background": serveLazyBackground,
	"/timer":           serveTimer,
}

func serveFunc(id string, r *http.Request) {
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		do("func", id)
		doIn(r.Context(), "func_ctx", id)
	}()
	group.Wait()
}

func serveArguments(id string, _ *http.Request) {
	var group sync.WaitGroup
	group.Add(1)
	go work("arguments", id, &group)
	group.Wait()
}

func serveMethod(id string, _ *http.Request) {
	var group sync.WaitGroup
	group.Add(1)
	s := &service{"method"}
	go s.run(id, &group)
	group.Wait()
}

func serveValue(_ string, _ *http.Request) {
	run := (&service{"value"}).value
	go run()
	<-valued
}

func serveGroup(id string, r *http.Request) {
	group, ctx := errgroup.WithContext(r.Context())
	for _, part := range []string{"a", "b"} {
		part := part
		group.Go(func() error {
			doIn(ctx, "group_"+part, id)
			return nil
		})
	}
	group.Wait()
}

func serveNested(id string, _ *http.Request) {
	done := make(chan struct{})
	go func() {
		do("outer", id)
		inner := make(chan struct{})
		go func() {
			do("inner", id)
			close(inner)
		}()
		<-inner
		close(done)
	}()
	<-done
}

func servePanics(id string, _ *http.Request) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { recover() }()
		do("panics", id)
		panic("on purpose")
	}()
	<-done
}

func serveExits(id string, _ *http.Request) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do("exits", id)
		if id != "" {
			runtime.Goexit()
		}
	}()
	<-done
}

func serveBoth(_ string, _ *http.Request) {
	both()
	go both()
	<-bothDone
	<-bothDone
}

// Begins in the request, and goes on behind it.
func serveOutlives(id string, _ *http.Request) {
	begun := make(chan struct{})
	go func() {
		do("before", id)
		close(begun)
		<-release
		do("after", id)
	}()
	<-begun
}

// Begins when the response has gone.
func serveLater(id string, _ *http.Request) {
	go func() {
		<-release
		do("later", id)
	}()
}

// Nobody waits for it.
func serveBrief(id string, _ *http.Request) {
	go func() {
		time.Sleep(time.Millisecond)
		do("brief", id)
	}()
}

func serveRelease(_ string, _ *http.Request) {
	release <- struct{}{}
}

// Workers that were there before any request.
func servePool(id string, _ *http.Request) {
	done := make(chan struct{})
	jobs <- job{context.Background(), "pool", id, done}
	<-done
}

// A worker that the first request of a pool starts, for all.
func serveLazy(id string, r *http.Request) {
	runLazily(r, job{r.Context(), "lazy", id, make(chan struct{})})
}

func serveLazyBackground(id string, r *http.Request) {
	runLazily(r, job{context.Background(), "lazy_background", id, make(chan struct{})})
}

func runLazily(r *http.Request, work job) {
	name := r.URL.Query().Get("pool")
	if pools[name] == nil {
		pools[name] = make(chan job)
		go worker(pools[name])
	}
	pools[name] <- work
	<-work.done
}

func serveTimer(id string, _ *http.Request) {
	done := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() {
		do("timer", id)
		close(done)
	})
	<-done
}

type job struct {
	ctx       context.Context
	place, id string
	done      chan struct{}
}

var (
	jobs = make(chan job)
	// Of requests that come one after the other.
	pools = map[string]chan job{}
)

func worker(jobs chan job) {
	for job := range jobs {
		doIn(job.ctx, job.place, job.id)
		close(job.done)
	}
}

func main() {
	sql.Register("nothing", database{})
	db, _ = sql.Open("nothing", "")
	go worker(jobs)
	for path, handle := range cases {
		handle := handle
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			handle(r.URL.Query().Get("case"), r)
		})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	http.Serve(listener, nil)
}
