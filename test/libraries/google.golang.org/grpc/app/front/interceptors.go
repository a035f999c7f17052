package front

import (
	"context"

	"google.golang.org/grpc"
)

// Interceptors as programs have them: calls go through functions of the application, which try again when that is asked
// for.

type again struct{}

func throughUnary(ctx context.Context, method string, req, reply interface{}, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	err := next(ctx, method, req, reply, cc, opts...)
	if err != nil && ctx.Value(again{}) != nil {
		err = next(ctx, method, req, reply, cc, opts...)
	}
	return err
}

func throughStream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := next(ctx, desc, cc, method, opts...)
	if err != nil && ctx.Value(again{}) != nil {
		stream, err = next(ctx, desc, cc, method, opts...)
	}
	return stream, err
}
