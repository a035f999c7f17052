// A server of HTTP/2 without TLS, so that golang.org/x/net/http2 is in the binary.
package main

import (
	"net/http"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
)

func main() {
	http.ListenAndServe("localhost:0", h2c.NewHandler(http.NotFoundHandler(), &http2.Server{}))
}
