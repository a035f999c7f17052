package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// serve makes the calls that a request of HTTP asks for, within that request.
func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ready")
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o := orderOf(r.URL.Query())
		failures := o.run(r.Context())
		if len(failures) > 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, "%d of %d failed", len(failures), o.count)
		for i := 0; i < len(failures) && i < 5; i++ {
			fmt.Fprintf(w, "\n%v", failures[i])
		}
	})))
}

// order is how many calls, from which number on, how many at the same time and over how many connections.
type order struct {
	first, count, atOnce, clients int
	to                            string // "plain", "limited", or else TLS
	pause                         time.Duration
	until                         string // a file: when it is there, that is enough
	padding, step                 int    // bytes of metadata of the first call, and more in each further one; 0: none
}

func orderOf(query url.Values) order {
	number := func(name string, otherwise int) int {
		n, err := strconv.Atoi(query.Get(name))
		if err != nil {
			return otherwise
		}
		return n
	}
	pause, _ := time.ParseDuration(query.Get("pause"))
	return order{
		number("first", 1), number("count", 1), number("at-once", 1), number("clients", 1),
		query.Get("to"), pause, query.Get("until"), number("padding", 0), number("step", 1),
	}
}

func (o order) run(ctx context.Context) []error {
	clients := make([]*grpc.ClientConn, o.clients)
	for i := range clients {
		client, err := o.dial()
		if err != nil {
			return []error{err}
		}
		defer client.Close()
		clients[i] = client
	}
	var failures []error
	var lock sync.Mutex
	var group sync.WaitGroup
	places := make(chan struct{}, o.atOnce)
	for i := 0; i < o.count && !o.isEnough(); i++ {
		places <- struct{}{}
		group.Add(1)
		go func(i int) {
			defer group.Done()
			defer func() { <-places }()
			number, padding := o.first+i, 0
			if o.padding > 0 {
				padding = o.padding + i*o.step
			}
			if err := call(ctx, clients[i%len(clients)], number, padding); err != nil {
				lock.Lock()
				failures = append(failures, fmt.Errorf("call %d: %w", number, err))
				lock.Unlock()
			}
			time.Sleep(o.pause)
		}(i)
	}
	group.Wait()
	return failures
}

func (o order) isEnough() bool {
	_, err := os.Stat(o.until)
	return o.until != "" && err == nil
}

func (o order) dial() (*grpc.ClientConn, error) {
	if o.to == "plain" {
		return grpc.Dial(plainAddress, grpc.WithInsecure())
	}
	address := tlsAddress
	if o.to == "limited" {
		address = limitedAddress
	}
	secure := credentials.NewTLS(&tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	return grpc.Dial(address, grpc.WithTransportCredentials(secure))
}
