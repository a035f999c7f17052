package main

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Descriptions of services by hand: no compiler of protocol buffers is needed.

func text(value string) *wrapperspb.StringValue { return wrapperspb.String(value) }

func unary(name string, do func(context.Context, string) (string, error)) grpc.MethodDesc {
	return grpc.MethodDesc{
		MethodName: name,
		Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			in := text("")
			if err := decode(in); err != nil {
				return nil, err
			}
			answer, err := do(ctx, in.Value)
			return text(answer), err
		},
	}
}

func stream(name string, do func(grpc.ServerStream) error) grpc.StreamDesc {
	return grpc.StreamDesc{
		StreamName: name, ClientStreams: true, ServerStreams: true,
		Handler: func(_ any, s grpc.ServerStream) error { return do(s) },
	}
}

// serve a service of one method, and of one stream unless that has no name.
func serve(l net.Listener, name string, method grpc.MethodDesc, s grpc.StreamDesc) {
	desc := grpc.ServiceDesc{ServiceName: name, HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{method}}
	if s.StreamName != "" {
		desc.Streams = []grpc.StreamDesc{s}
	}
	server := grpc.NewServer()
	server.RegisterService(&desc, struct{}{})
	check(server.Serve(l))
}
