// Command serverh2c serves the same routes through golang.org/x/net/http2/h2c, which hands HTTP/2 requests to the
// handler itself and not through http.Server.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
	"server/routes"
)

func main() {
	address := flag.String("listen", "127.0.0.1:0", "address to serve on")
	flag.Parse()
	l, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr(), "h2c-x")
	fmt.Println("ready")
	log.Fatal(http.Serve(l, h2c.NewHandler(routes.Handler(), &http2.Server{})))
}
