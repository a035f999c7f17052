//go:build !grpc14
// +build !grpc14

package back

import "google.golang.org/grpc"

func workers() []grpc.ServerOption { return []grpc.ServerOption{grpc.NumStreamWorkers(4)} }
