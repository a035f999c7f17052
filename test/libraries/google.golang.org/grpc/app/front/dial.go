//go:build !grpc14 && !dial
// +build !grpc14,!dial

package front

import "google.golang.org/grpc"

func dial(target string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	return grpc.NewClient(target, options...)
}
