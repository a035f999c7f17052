// Package shop is a service with a method of each kind, written by hand: no compiler of protocol buffers is needed.
package shop

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Text is what requests and replies are made of.
type Text = wrapperspb.StringValue

// Full names of the methods.
const (
	Get    = "/test.v1.Shop/Get"
	Upload = "/test.v1.Shop/Upload"
	List   = "/test.v1.Shop/List"
	Chat   = "/test.v1.Shop/Chat"
)

// Streams describes a client's streams by their methods.
var Streams = map[string]*grpc.StreamDesc{
	Upload: {StreamName: "Upload", ClientStreams: true},
	List:   {StreamName: "List", ServerStreams: true},
	Chat:   {StreamName: "Chat", ClientStreams: true, ServerStreams: true},
}

type server interface {
	get(context.Context, *Text) (*Text, error)
	upload(grpc.ServerStream) error
	list(grpc.ServerStream) error
	chat(grpc.ServerStream) error
}

// Register adds the service. `call` is what a request that says "forward" calls.
func Register(s *grpc.Server, call Call) {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "test.v1.Shop",
		HandlerType: (*server)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Get", Handler: unary}},
		Streams: []grpc.StreamDesc{
			{StreamName: "Upload", ClientStreams: true, Handler: stream(server.upload)},
			{StreamName: "List", ServerStreams: true, Handler: stream(server.list)},
			{StreamName: "Chat", ClientStreams: true, ServerStreams: true, Handler: stream(server.chat)},
		},
	}, &shop{call: call})
}

// unary is what the compiler of protocol buffers generates for a method.
func unary(srv interface{}, ctx context.Context, dec func(interface{}) error, interceptor grpc.UnaryServerInterceptor) (interface{}, error) {
	in := new(Text)
	if err := dec(in); err != nil {
		return nil, err
	}
	if interceptor == nil {
		return srv.(server).get(ctx, in)
	}
	info := &grpc.UnaryServerInfo{Server: srv, FullMethod: Get}
	return interceptor(ctx, in, info, func(ctx context.Context, req interface{}) (interface{}, error) {
		return srv.(server).get(ctx, req.(*Text))
	})
}

func stream(method func(server, grpc.ServerStream) error) grpc.StreamHandler {
	return func(srv interface{}, s grpc.ServerStream) error { return method(srv.(server), s) }
}
