package shop

import (
	"context"
	"io"
	"strings"

	"google.golang.org/grpc"
)

type shop struct {
	call    Call
	meeting meeting
}

// Call calls a method of that name.
type Call func(ctx context.Context, name string) error

// get does what the request says and answers with its text.
func (s *shop) get(ctx context.Context, in *Text) (*Text, error) {
	if err := s.do(ctx, in.Value); err != nil {
		return nil, err
	}
	return reply(in), nil
}

// upload takes all messages, does what the last one says and answers once.
func (s *shop) upload(stream grpc.ServerStream) error {
	last := new(Text)
	for {
		in := new(Text)
		if err := stream.RecvMsg(in); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		last = in
	}
	if err := s.do(stream.Context(), last.Value); err != nil {
		return err
	}
	return stream.SendMsg(reply(last))
}

// list answers with three messages, then does what the request says.
func (s *shop) list(stream grpc.ServerStream) error {
	in := new(Text)
	if err := stream.RecvMsg(in); err != nil {
		return err
	}
	for i := 0; i < 3; i++ {
		if err := stream.SendMsg(reply(in)); err != nil {
			return err
		}
	}
	return s.do(stream.Context(), in.Value)
}

// chat answers each message, and does what it says.
func (s *shop) chat(stream grpc.ServerStream) error {
	for {
		in := new(Text)
		if err := stream.RecvMsg(in); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := s.do(stream.Context(), in.Value); err != nil {
			return err
		}
		if err := stream.SendMsg(reply(in)); err != nil {
			return err
		}
	}
}

// reply is the request's text without its padding; one that says "large" gets more than clients take.
func reply(in *Text) *Text {
	if strings.HasPrefix(in.Value, "large") {
		return &Text{Value: strings.Repeat("x", 5<<20)}
	}
	return &Text{Value: strings.TrimRight(in.Value, " ")}
}

// Anything answers every message of any method, whatever its service is called.
func Anything(call Call) grpc.StreamHandler {
	s := &shop{call: call}
	return func(_ interface{}, stream grpc.ServerStream) error { return s.chat(stream) }
}
