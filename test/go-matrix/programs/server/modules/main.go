// Command modules serves the same routes out of modules: net/http's server, and h2c of golang.org/x/net.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
	"server/routes"
)

func main() {
	handler := routes.Handler(strconv.Itoa)
	listen("h1", handler)
	listen("h2c-x", h2c.NewHandler(handler, &http2.Server{}))
	fmt.Println("ready")
	select {}
}

func listen(mode string, handler http.Handler) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr(), mode)
	go func() { log.Fatal(http.Serve(l, handler)) }()
}
