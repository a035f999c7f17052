// Command headers is the program that the tests of captured headers trace: a server that is its own client. It knows
// nothing of tracing.
//
//	headers                                  serves h1, tls (HTTP/2 by ALPN) and h2c-x (golang.org/x/net's)
//	headers -load URL -c 64 -n 2000          sends n requests on each of c connections, each with its own X-Id
//
// It prints one line a listener, "listening ADDRESS MODE", and "ready" after the last.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
)

func main() {
	target := flag.String("load", "", "URL to send requests to, instead of serving")
	connections := flag.Int("c", 8, "connections")
	requests := flag.Int("n", 100, "requests on each")
	flag.Parse()
	if *target != "" {
		load(*target, *connections, *requests)
		return
	}
	routes := routes()
	serve("h1", routes, func(server *http.Server, l net.Listener) error { return server.Serve(l) })
	serve("tls", routes, func(server *http.Server, l net.Listener) error {
		var err error
		if server.TLSConfig, err = selfMade(); err != nil {
			return err
		}
		return server.ServeTLS(l, "", "")
	})
	serve("h2c-x", h2c.NewHandler(routes, &http2.Server{}), func(server *http.Server, l net.Listener) error {
		return server.Serve(l)
	})
	fmt.Println("ready")
	select {}
}

func serve(mode string, handler http.Handler, accept func(*http.Server, net.Listener) error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr(), mode)
	go func() { log.Fatal(accept(&http.Server{Handler: handler}, l)) }()
}
