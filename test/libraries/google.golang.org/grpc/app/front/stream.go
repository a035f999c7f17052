package front

import (
	"context"
	"io"

	"google.golang.org/grpc"

	"grpcapp/shop"
)

// stream sends all messages and reads to the end, one after the other where both sides have many.
func (c call) stream(ctx context.Context, connection *grpc.ClientConn, method string) error {
	desc := shop.Streams[method]
	stream, err := connection.NewStream(ctx, desc, c.method(method), c.options()...)
	if err != nil {
		return err
	}
	count := 1
	if desc.ClientStreams {
		count = c.number("messages", 3)
	}
	for i := 0; i < count; i++ {
		if err := stream.SendMsg(c.message()); err != nil {
			// What it means, the reading end says.
			break
		}
		if c.q.Get("abandon") != "" {
			return stream.RecvMsg(new(shop.Text))
		}
		if desc.ClientStreams && desc.ServerStreams {
			if err := stream.RecvMsg(new(shop.Text)); err != nil {
				return endOf(err)
			}
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return readAll(stream, desc.ServerStreams)
}

// readAll: a reply that comes alone is read as generated code does, which asks once.
func readAll(stream grpc.ClientStream, many bool) error {
	for {
		if err := stream.RecvMsg(new(shop.Text)); err != nil {
			return endOf(err)
		}
		if !many {
			return nil
		}
	}
}

func endOf(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
