// A server whose handlers write log records, with the logger that ?logger= names. What each does is said at its path.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
)

// What all three can do. Records below "info" are filtered. `ctx` reaches those records alone that have a context.
type logger struct {
	debug, info, warn, fail func(ctx context.Context, message string)
}

var loggers = map[string]logger{}

var self string

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	self = "http://" + listener.Addr().String()
	for path, do := range handlers {
		do := do
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			do(r.Context(), loggers[r.URL.Query().Get("logger")], r)
			io.WriteString(w, "ok")
		})
	}
	go work()
	for _, l := range loggers {
		l.info(context.Background(), "before any request")
	}
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

var handlers = map[string]func(context.Context, logger, *http.Request){
	"/callee":     func(context.Context, logger, *http.Request) {},
	"/levels":     levels,
	"/call":       call,
	"/goroutines": goroutines,
	"/worker":     worker,
	"/flood":      flood,
	"/large":      large,
	"/odd":        odd,
	"/special":    special,
	"/manual":     manual,
}

// One record of each level.
func levels(ctx context.Context, l logger, _ *http.Request) {
	l.debug(ctx, "not written")
	l.info(ctx, "informed")
	l.warn(ctx, "warned")
	l.fail(ctx, "failed")
}

// Before, within and after a request to someone else.
func call(ctx context.Context, l logger, _ *http.Request) {
	l.info(ctx, "before")
	within := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { l.info(ctx, "within") },
	})
	request, _ := http.NewRequestWithContext(within, "GET", self+"/callee", nil)
	if response, err := http.DefaultClient.Do(request); err == nil {
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	l.info(ctx, "after")
}

// On other goroutines, with the request's context where the logger takes one.
func goroutines(ctx context.Context, l logger, _ *http.Request) {
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func(message string) {
			defer group.Done()
			l.info(ctx, message)
		}(fmt.Sprint("goroutine ", i))
	}
	group.Wait()
}

var jobs = make(chan func())

// A goroutine that is no request's.
func work() {
	for job := range jobs {
		job()
	}
}

// Without a context, on that goroutine.
func worker(_ context.Context, l logger, _ *http.Request) {
	done := make(chan bool)
	jobs <- func() {
		l.info(context.Background(), "worked")
		close(done)
	}
	<-done
}

func flood(ctx context.Context, l logger, r *http.Request) {
	n, _ := strconv.Atoi(r.URL.Query().Get("n"))
	for i := 0; i < n; i++ {
		l.info(ctx, "record "+strconv.Itoa(i))
	}
}

func large(ctx context.Context, l logger, _ *http.Request) {
	l.info(ctx, strings.Repeat("x", 1024))
	l.info(ctx, strings.Repeat("é", 50_000)+"secret")
	// A character that is cut in its midst.
	l.info(ctx, "y"+strings.Repeat("é", 600))
}

// Messages that are none, or no text.
func odd(ctx context.Context, l logger, _ *http.Request) {
	l.info(ctx, "")
	l.info(ctx, "a\xff\xfeb\x00c")
	l.info(nil, "without a context")
	l.info(context.WithValue(odder{}, 1, 2), "of an odd context")
}

// A context whose value is no pointer, and that leads nowhere.
type odder struct{ context.Context }
