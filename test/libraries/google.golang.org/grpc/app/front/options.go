//go:build !grpc14
// +build !grpc14

package front

import (
	"context"
	"net"

	"google.golang.org/grpc"
)

func (p *pool) dialFrom(address string) grpc.DialOption {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return grpc.WithContextDialer(func(ctx context.Context, to string) (net.Conn, error) {
		connection, err := dialer.DialContext(ctx, "tcp", to)
		return p.connected(address, connection, err)
	})
}

// retrying: what is unavailable is asked again, up to twice.
func retrying() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithDefaultServiceConfig(`{"methodConfig": [{
		"name": [{"service": "test.v1.Shop"}],
		"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.01s", "maxBackoff": "0.1s",
			"backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}
	}]}`)}
}
