package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/net/http2"
)

func newTransport(connections int) *http.Transport {
	return &http.Transport{
		MaxConnsPerHost:     connections,
		MaxIdleConnsPerHost: connections,
		ForceAttemptHTTP2:   true,
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
	}
}

var (
	outgoing = &http.Client{Transport: newTransport(0)}
	plain2   = &http.Client{Transport: &http2.Transport{
		AllowHTTP: true,
		DialTLS: func(network, address string, _ *tls.Config) (net.Conn, error) {
			return net.Dial(network, address)
		},
	}}
)

// call sends a request that carries this one's id on. A URL that begins with "h2c:" goes by HTTP/2 without TLS.
func call(r *http.Request, url string) {
	client := outgoing
	if strings.HasPrefix(url, "h2c:") {
		client, url = plain2, "http:"+strings.TrimPrefix(url, "h2c:")
	}
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, url, nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("X-Id", r.Header.Get("X-Id"))
	request.Header["x-raw"] = []string{"raw"}
	request.Header.Set("Authorization", "Bearer s3cret")
	response, err := client.Do(request)
	if err != nil {
		return
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

// load sends requests with ids from 0 on, and ends the program when one of them fails.
func load(url string, connections, requests int) {
	client := &http.Client{Transport: newTransport(connections)}
	var workers sync.WaitGroup
	for c := 0; c < connections; c++ {
		workers.Add(1)
		go func(first int) {
			defer workers.Done()
			for i := first; i < first+requests; i++ {
				send(client, url, fmt.Sprintf("id-%d", i))
			}
		}(c * requests)
	}
	workers.Wait()
}

func send(client *http.Client, url, id string) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("X-Id", id)
	response, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	if answer := response.Header.Get("X-Answer-Id"); answer != id {
		log.Fatalf("%s was answered with %q", id, answer)
	}
}
