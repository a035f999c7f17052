// Command server serves routes.Handler over HTTP/1, over TLS with HTTP/2 by ALPN, and over h2c where net/http has it.
// It compiles with Go 1.17 and all later ones; with cgo, C code answers one of the routes.
//
// It prints one line a listener, "listening ADDRESS MODE", and "ready" after the last.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"

	"server/routes"
)

func main() {
	handler := routes.Handler(answer)
	listen("h1", func(l net.Listener) error { return http.Serve(l, handler) })
	listen("tls", func(l net.Listener) error {
		return (&http.Server{Handler: handler, TLSConfig: selfMade()}).ServeTLS(l, "", "")
	})
	if server := h2cServer(handler); server != nil {
		listen("h2c", server.Serve)
	}
	fmt.Println("ready")
	select {}
}

func listen(mode string, serve func(net.Listener) error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr(), mode)
	go func() { log.Fatal(serve(l)) }()
}
