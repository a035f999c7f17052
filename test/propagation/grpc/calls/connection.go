package main

import (
	"context"
	"net"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// connections are those that jobs have named.
var connections = map[string]*grpc.ClientConn{}

func dial(j job) *grpc.ClientConn {
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.CallContentSubtype("raw"), grpc.MaxCallSendMsgSize(64<<20)),
	}
	if j.WriteBuffer != nil {
		options = append(options, grpc.WithWriteBufferSize(*j.WriteBuffer))
	}
	if j.SendBuffer != 0 {
		options = append(options, grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
				return c.Control(func(fd uintptr) {
					syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, j.SendBuffer)
				})
			}}
			return d.DialContext(ctx, "tcp", address)
		}))
	}
	c, err := grpc.NewClient("passthrough:///"+j.Address, options...)
	if err != nil {
		panic(err)
	}
	return c
}

func connection(j job) *grpc.ClientConn {
	name := j.Connection + j.Address
	if connections[name] == nil {
		connections[name] = dial(j)
	}
	return connections[name]
}
