// Command server is the program that the end-to-end tests of net/http's server trace. It knows nothing of tracing.
//
//	server -listen h1=127.0.0.1:0 -listen tls=127.0.0.1:0 -listen h2c=127.0.0.1:0
//
// It prints one line a listener, "listening ADDRESS MODE", and "ready" after the last.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"

	"server/routes"
)

type listenFlag []string

func (l *listenFlag) String() string         { return strings.Join(*l, " ") }
func (l *listenFlag) Set(value string) error { *l = append(*l, value); return nil }

func main() {
	var listen listenFlag
	flag.Var(&listen, "listen", "MODE=ADDRESS, mode h1, tls (HTTP/2 by ALPN) or h2c; may be repeated")
	flag.Parse()
	if len(listen) == 0 {
		listen = listenFlag{"h1=127.0.0.1:0"}
	}
	handler := routes.Handler()
	for _, value := range listen {
		parts := strings.SplitN(value+"=", "=", 3)
		mode, address := parts[0], parts[1]
		l, err := net.Listen("tcp", address)
		if err != nil {
			log.Fatal(err)
		}
		go func() { log.Fatal(serve(mode, l, handler)) }()
		fmt.Println("listening", l.Addr(), mode)
	}
	fmt.Println("ready")
	select {}
}

func serve(mode string, l net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler}
	allowManyHeaders(server)
	switch mode {
	case "h1":
		return server.Serve(l)
	case "tls":
		certificate, err := selfMade()
		if err != nil {
			return err
		}
		server.TLSConfig = certificate
		return server.ServeTLS(l, "", "")
	case "h2c":
		if err := allowH2C(server); err != nil {
			return err
		}
		return server.Serve(l)
	}
	return fmt.Errorf("unknown mode %q", mode)
}
