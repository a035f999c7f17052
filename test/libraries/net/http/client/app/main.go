// Command client is the program that the end-to-end tests of net/http's client trace: a server that calls others. It
// knows nothing of tracing.
//
//	client -back          serves what is called: h1, tls (HTTP/2 by ALPN)
//	client -h1 URL -tls URL -refusing URL   serves the cases and calls those
//
// It prints one line a listener, "listening ADDRESS MODE", and "ready" after the last.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"client/back"
	"client/calls"
	"client/parents"
)

func main() {
	isBack := flag.Bool("back", false, "be what is called")
	h1 := flag.String("h1", "", "URL of what is called")
	tls := flag.String("tls", "", "the same over TLS")
	refusing := flag.String("refusing", "", "what refuses a connection's first stream of HTTP/2")
	flag.Parse()
	if *isBack {
		back.Serve()
		fmt.Println("ready")
		select {}
	}
	mux := http.NewServeMux()
	calls.Register(mux, map[string]string{
		"h1": *h1, "tls": *tls, "refusing": *refusing,
		"refused": "http://127.0.0.1:1", "nohost": "http://nohost.invalid",
	})
	parents.Register(mux, *h1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(l, mux)) }()
	fmt.Println("listening", l.Addr(), "h1")
	fmt.Println("ready")
	select {}
}
