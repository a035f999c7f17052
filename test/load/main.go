// Command load sends an exact number of HTTP requests at an exact concurrency and counts every failure.
//
//	load -url http://127.0.0.1:8080/plain -n 50000 -c 1000
//	load -url http://127.0.0.1:8080/plain -c 8              (until its stdin ends)
//	load -url http://127.0.0.1:8080/plain -c 8 -rate 2000   (each request when it is due, or as soon as one can)
//
// It ends with one line of JSON: requests, failures, some of the failures' texts, seconds.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type result struct {
	Requests int64            `json:"requests"`
	Failed   int64            `json:"failed"`
	Errors   map[string]int64 `json:"errors"`
	Seconds  float64          `json:"seconds"`
}

type load struct {
	url         string
	headers     int
	limit       int64
	rate        float64
	begin       time.Time
	contexts    []string
	client      *http.Client
	taken, done atomic.Int64
	failed      atomic.Int64
	stopped     atomic.Bool
	mu          sync.Mutex
	errors      map[string]int64
}

func main() {
	l := &load{errors: map[string]int64{}}
	flag.StringVar(&l.url, "url", "", "where the requests go; {n} in it is the number of the request, from 0")
	flag.Int64Var(&l.limit, "n", 0, "requests in all; 0: until stdin ends")
	flag.IntVar(&l.headers, "headers", 0, "generated headers of each request")
	flag.Float64Var(&l.rate, "rate", 0, "requests a second; 0: as many as can be")
	connections := flag.Int("c", 8, "connections, each with one request at a time")
	contexts := flag.String("traceparents", "", "file with a traceparent for each request, one a line; sets -n")
	flag.Parse()

	if *contexts != "" {
		l.contexts = lines(*contexts)
		l.limit = int64(len(l.contexts))
	}
	if l.limit == 0 {
		go func() { io.Copy(io.Discard, os.Stdin); l.stopped.Store(true) }()
	}
	l.client = &http.Client{
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxConnsPerHost: *connections, MaxIdleConnsPerHost: *connections, DisableCompression: true},
	}
	l.begin = time.Now()
	var workers sync.WaitGroup
	for i := 0; i < *connections; i++ {
		workers.Add(1)
		go func() { defer workers.Done(); l.work() }()
	}
	workers.Wait()
	json.NewEncoder(os.Stdout).Encode(result{l.done.Load(), l.failed.Load(), l.errors, time.Since(l.begin).Seconds()})
}

func (l *load) work() {
	for !l.stopped.Load() {
		index := l.taken.Add(1) - 1
		if l.limit > 0 && index >= l.limit {
			return
		}
		l.await(index)
		if err := l.send(index); err != nil {
			l.failed.Add(1)
			l.mu.Lock()
			if _, seen := l.errors[err.Error()]; seen || len(l.errors) < 20 {
				l.errors[err.Error()]++
			}
			l.mu.Unlock()
		}
		l.done.Add(1)
	}
}

// A request that is late is sent at once: the rate is that of the whole load.
func (l *load) await(index int64) {
	if l.rate > 0 {
		time.Sleep(time.Until(l.begin.Add(time.Duration(float64(index) / l.rate * float64(time.Second)))))
	}
}

func (l *load) send(index int64) error {
	request, err := http.NewRequest(http.MethodGet, strings.ReplaceAll(l.url, "{n}", fmt.Sprint(index)), nil)
	if err != nil {
		return err
	}
	for i := 0; i < l.headers; i++ {
		request.Header.Set(fmt.Sprintf("X-Generated-%d", i), "value")
	}
	if l.contexts != nil {
		request.Header.Set("Traceparent", l.contexts[index])
	}
	response, err := l.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}

func lines(path string) []string {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	var all []string
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			all = append(all, line)
		}
	}
	return all
}
