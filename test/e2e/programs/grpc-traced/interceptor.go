//go:build interceptor

package main

import (
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
)

// own: the way before that.
func own(options ...otelgrpc.Option) grpc.ServerOption {
	return grpc.UnaryInterceptor(otelgrpc.UnaryServerInterceptor(options...))
}

func ownCalls(options ...otelgrpc.Option) grpc.DialOption {
	return grpc.WithUnaryInterceptor(otelgrpc.UnaryClientInterceptor(options...))
}
