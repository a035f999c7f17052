package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"
)

func serve(arguments []string) {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	address := flags.String("listen", "127.0.0.1:8080", "")
	receiver := flags.String("receiver", "https://127.0.0.1:8443", "")
	flags.Parse(arguments)

	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ready")
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o := orderOf(r.URL.Query())
		failures := o.run(r.Context(), *receiver)
		if len(failures) > 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, "%d of %d failed", len(failures), o.count)
		for i := 0; i < len(failures) && i < 5; i++ {
			fmt.Fprintf(w, "\n%v", failures[i])
		}
	})))
}

// order is how many requests, from which number on, how many at the same time and over how many clients. Each
// client has connections of its own.
type order struct {
	protocol                      string
	first, count, atOnce, clients int
	pause                         time.Duration
	until                         string // a file: when it is there, that is enough
}

func orderOf(query url.Values) order {
	number := func(name string) int {
		n, err := strconv.Atoi(query.Get(name))
		if err != nil {
			return 1
		}
		return n
	}
	pause, _ := time.ParseDuration(query.Get("pause"))
	return order{
		query.Get("protocol"), number("first"), number("count"), number("at-once"), number("clients"), pause, query.Get("until"),
	}
}

func (o order) run(ctx context.Context, receiver string) []error {
	clients := make([]*http.Client, o.clients)
	for i := range clients {
		clients[i] = newClient(o.protocol == "h2")
		defer clients[i].CloseIdleConnections()
	}
	var failures []error
	var lock sync.Mutex
	var group sync.WaitGroup
	places := make(chan struct{}, o.atOnce)
	for i := 0; i < o.count && !o.isEnough(); i++ {
		places <- struct{}{}
		group.Add(1)
		go func(number int) {
			defer group.Done()
			defer func() { <-places }()
			if err := call(ctx, clients[number%len(clients)], receiver, number); err != nil {
				lock.Lock()
				failures = append(failures, fmt.Errorf("request %d: %w", number, err))
				lock.Unlock()
			}
			time.Sleep(o.pause)
		}(o.first + i)
	}
	group.Wait()
	return failures
}

func (o order) isEnough() bool {
	_, err := os.Stat(o.until)
	return o.until != "" && err == nil
}

func newClient(http2 bool) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	transport.ForceAttemptHTTP2 = http2
	transport.MaxIdleConnsPerHost = 1000
	transport.TLSHandshakeTimeout = 0 // an emulated processor takes its time
	if !http2 {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	return &http.Client{Transport: transport}
}

var sizes = []int{10, 1000, 4096, 70_000}

// call sends what belongs to this number. The receiver has to have got the same body.
func call(ctx context.Context, client *http.Client, receiver string, number int) error {
	method, body := "GET", []byte{}
	if number%3 == 0 {
		method = "POST"
		size := sizes[number/3%len(sizes)]
		if number%60 == 0 {
			size = 1 << 20
		}
		body = bytes.Repeat([]byte{byte(number), byte(number >> 8), 7}, size/3+1)[:size]
	}
	request, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("%s/call?number=%d", receiver, number), bytes.NewReader(body))
	if err != nil {
		return err
	}
	headers := 1
	if number%2 == 0 {
		headers = 30
	}
	for i := 0; i < headers; i++ {
		request.Header.Set("X-"+strconv.Itoa(i), fmt.Sprintf("value %d of request %d", i, number))
	}
	switch number % 14 {
	case 3:
		request.Header.Set("traceparent", "00-11111111111111111111111111111111-2222222222222222-01")
	case 10: // not in canonical form
		request.Header["traceparent"] = []string{"00-11111111111111111111111111111111-2222222222222222-01"}
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	if response.StatusCode != 200 || string(answer) != hex.EncodeToString(hash[:]) {
		return fmt.Errorf("answer %d %q", response.StatusCode, answer)
	}
	if response.Header.Get("Traceparent") != "" {
		return fmt.Errorf("a response with a traceparent")
	}
	return nil
}
