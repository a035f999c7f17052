package back

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func recoverUnary(ctx context.Context, req interface{}, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (reply interface{}, err error) {
	defer toStatus(&err)
	return next(ctx, req)
}

func recoverStream(srv interface{}, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer toStatus(&err)
	return next(srv, s)
}

// toStatus is what programs do about a handler's panic: another answer, no crash.
func toStatus(err *error) {
	if value := recover(); value != nil {
		*err = status.Errorf(codes.Internal, "panicked: %v", value)
	}
}
