package front

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	"grpcapp/shop"
)

// perCall are credentials that are asked for in the middle of a call's beginning.
type perCall func() error

func (p perCall) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return nil, p()
}

func (perCall) RequireTransportSecurity() bool { return false }

// within makes a call in whose beginning another one is made, in whose beginning another one is made, and so on.
func (c call) within(ctx context.Context, connection *grpc.ClientConn, calls int) error {
	var inner perCall = func() error { return nil }
	if calls > 1 {
		inner = func() error { return c.within(ctx, connection, calls-1) }
	}
	return connection.Invoke(ctx, shop.Get, c.message(), new(shop.Text), grpc.PerRPCCredentials(inner))
}

// panics makes a call that panics, of which the program recovers.
func (c call) panics(ctx context.Context, connection *grpc.ClientConn) error {
	var broken perCall = func() error { panic("no credentials") }
	err := recovered(func() {
		connection.Invoke(ctx, shop.Get, c.message(), new(shop.Text), grpc.PerRPCCredentials(broken))
	})
	if err == nil {
		return errors.New("no panic")
	}
	return nil
}

// afterPanic makes such a call, and then one with more on the stack.
func (c call) afterPanic(ctx context.Context, connection *grpc.ClientConn) error {
	if err := c.panics(ctx, connection); err != nil {
		return err
	}
	return deeper(100, func() error {
		return connection.Invoke(ctx, shop.Get, c.message(), new(shop.Text), c.options()...)
	})
}

func recovered(run func()) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("panicked")
		}
	}()
	run()
	return nil
}

//go:noinline
func deeper(frames int, run func() error) error {
	if frames == 0 {
		return run()
	}
	err := deeper(frames-1, run)
	return err
}
