package back

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"

	"github.com/soheilhy/cmux"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
	"google.golang.org/grpc"
)

// serveBesideHTTP: gRPC as a handler of net/http, and a port that is shared with HTTP/1.
func serveBesideHTTP(newServer func() *grpc.Server, certificate tls.Certificate) error {
	l, err := listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("listening", l.Addr(), "servehttp")
	go http.Serve(l, h2c.NewHandler(newServer(), &http2.Server{}))

	secure, err := listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("listening", secure.Addr(), "servehttp-tls")
	behind := &http.Server{
		Handler:   newServer(),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}},
	}
	go behind.ServeTLS(secure, "", "")

	shared, err := listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("listening", shared.Addr(), "cmux")
	mux := cmux.New(shared)
	calls := mux.MatchWithWriters(cmux.HTTP2MatchHeaderFieldSendSettings("content-type", "application/grpc"))
	rest := mux.Match(cmux.Any())
	go newServer().Serve(calls)
	go http.Serve(rest, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }))
	go mux.Serve()
	return nil
}
