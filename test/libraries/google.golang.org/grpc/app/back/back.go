// Package back serves gRPC in every way that a program does.
package back

import (
	"context"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"grpcapp/shop"
)

// Serve listens: plain, plain6 ([::1]), tls, workers (a few goroutines for all streams), aging (connections last a
// moment), any (methods of any name), servehttp and servehttp-tls (behind net/http), cmux (gRPC and HTTP/1 on one
// port), and the unix socket when its path isn't empty.
func Serve(plain, unix string) error {
	first, err := listen("tcp", plain)
	if err != nil {
		return err
	}
	anything, err := listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	forward := forwardTo(anything.Addr().String())
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	start("plain", first, newServer(forward))
	start("any", anything, newServer(forward, grpc.UnknownServiceHandler(shop.Anything(forward))))
	secure := grpc.Creds(credentials.NewServerTLSFromCert(&certificate))
	plains := map[string]*grpc.Server{
		"tls":   newServer(forward, secure),
		"aging": newServer(forward, aging()),
	}
	if options := workers(); options != nil {
		plains["workers"] = newServer(forward, options...)
	}
	for mode, server := range plains {
		l, err := listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		start(mode, l, server)
	}
	if l, err := listen("tcp", "[::1]:0"); err == nil {
		start("plain", l, newServer(forward))
	}
	if unix != "" {
		os.Remove(unix)
		l, err := listen("unix", unix)
		if err != nil {
			return err
		}
		go newServer(forward).Serve(l)
	}
	return serveBesideHTTP(func() *grpc.Server { return newServer(forward) }, certificate)
}

func listen(network, address string) (net.Listener, error) { return net.Listen(network, address) }

func start(mode string, l net.Listener, server *grpc.Server) {
	fmt.Println("listening", l.Addr(), mode)
	go server.Serve(l)
}

func newServer(forward shop.Call, options ...grpc.ServerOption) *grpc.Server {
	options = append(options, grpc.UnaryInterceptor(recoverUnary), grpc.StreamInterceptor(recoverStream))
	server := grpc.NewServer(options...)
	shop.Register(server, forward)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)
	return server
}

// forwardTo calls methods at the address, over one connection that is made when it is first needed.
func forwardTo(address string) shop.Call {
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	return func(ctx context.Context, name string) error {
		if err != nil {
			return err
		}
		return connection.Invoke(ctx, "/test.v1.Forwarded/"+name, new(shop.Text), new(shop.Text))
	}
}
