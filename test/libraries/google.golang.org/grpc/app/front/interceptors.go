package front

import (
	"context"

	"google.golang.org/grpc"
)

// Interceptors as programs have them: calls go through functions of the application.

func throughUnary(ctx context.Context, method string, req, reply interface{}, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return next(ctx, method, req, reply, cc, opts...)
}

func throughStream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return next(ctx, desc, cc, method, opts...)
}
