//go:build grpc14
// +build grpc14

package front

import (
	"net"
	"time"

	"google.golang.org/grpc"
)

func (p *pool) dialFrom(address string) grpc.DialOption {
	local := &net.TCPAddr{IP: net.ParseIP(address)}
	return grpc.WithDialer(func(to string, timeout time.Duration) (net.Conn, error) {
		dialer := net.Dialer{LocalAddr: local, Timeout: timeout}
		connection, err := dialer.Dial("tcp", to)
		return p.connected(address, connection, err)
	})
}

// retrying: nothing is, before a program could say so by itself.
func retrying() []grpc.DialOption { return nil }
