//go:build grpc14
// +build grpc14

package front

import (
	"net"
	"time"

	"google.golang.org/grpc"
)

func dialFrom(address string) grpc.DialOption {
	local := &net.TCPAddr{IP: net.ParseIP(address)}
	return grpc.WithDialer(func(to string, timeout time.Duration) (net.Conn, error) {
		dialer := net.Dialer{LocalAddr: local, Timeout: timeout}
		return dialer.Dial("tcp", to)
	})
}

// retrying: nothing is, before a program could say so by itself.
func retrying() []grpc.DialOption { return nil }
