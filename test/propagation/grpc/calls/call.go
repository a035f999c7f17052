package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// pattern is what messages are made of.
var pattern = []byte(strings.Repeat("0123456789abcdef", 4<<20/16))

// traceparent is what the test's probe makes of an id.
func traceparent(id, flag string) string {
	flags := "01"
	if flag == "u" {
		flags = "00"
	}
	return fmt.Sprintf("00-%x-%x-%s", id, id[8:], flags)
}

func call(c *grpc.ClientConn, j job, number uint64) (arrived, json.RawMessage, string, error) {
	id := fmt.Sprintf("%016x", number*0x9e3779b97f4a7c15)
	flag := j.Flag
	if flag == "" {
		flag = "s"
	}
	method := fmt.Sprintf("/%s%s%03d%03d%s%s/call", id, flag, len(j.TraceState), len(j.Baggage), j.TraceState, j.Baggage)
	ctx, cancel := context.WithTimeout(context.Background(), 120*time.Second)
	defer cancel()
	for name, value := range j.Metadata {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	for i := 0; i < j.Varied; i++ {
		ctx = metadata.AppendToOutgoingContext(ctx, fmt.Sprintf("x-varied-%d", i), fmt.Sprintf("%d-%s", i, id[:i%16]))
	}
	in, out := pattern[:j.Bytes], []byte{}
	var err error
	if j.Messages == 0 {
		err = c.Invoke(ctx, method, &in, &out)
	} else {
		out, err = stream(ctx, c, method, j, in)
	}
	a := arrived{}
	if err == nil {
		err = json.Unmarshal(out, &a)
	}
	if err == nil {
		err = check(a, j, method)
	}
	return a, out, traceparent(id, flag), err
}

func stream(ctx context.Context, c *grpc.ClientConn, method string, j job, in []byte) ([]byte, error) {
	if j.Pong {
		ctx = metadata.AppendToOutgoingContext(ctx, "pong", "1")
	}
	s, err := c.NewStream(ctx, &grpc.StreamDesc{StreamName: "call", ClientStreams: true, ServerStreams: true}, method)
	if err != nil {
		return nil, err
	}
	var out []byte
	for i := 0; i < j.Messages; i++ {
		if err := s.SendMsg(&in); err != nil {
			return nil, err
		}
		if j.Pong {
			if err := s.RecvMsg(&out); err != nil || len(out) != len(in) {
				return nil, fmt.Errorf("answer %d: %w, %d bytes", i, err, len(out))
			}
		}
	}
	if err := s.CloseSend(); err != nil {
		return nil, err
	}
	if err := s.RecvMsg(&out); err != nil {
		return nil, err
	}
	if err := s.RecvMsg(&[]byte{}); err != io.EOF {
		return nil, fmt.Errorf("no end: %w", err)
	}
	return out, nil
}

// check compares what arrived with what was sent.
func check(a arrived, j job, method string) error {
	n := max(j.Messages, 1)
	hash := sha256.New()
	for i := 0; i < n; i++ {
		hash.Write(pattern[:j.Bytes])
	}
	if a.Method != method || a.Messages != n || a.Bytes != n*j.Bytes || a.Hash != hex.EncodeToString(hash.Sum(nil)) {
		return fmt.Errorf("%s: %d messages of %d bytes arrived", a.Method, a.Messages, a.Bytes)
	}
	for name, value := range j.Metadata {
		if got := a.Metadata.Get(name); len(got) == 0 || got[0] != value {
			return fmt.Errorf("%s: %q, not %q", name, got, value)
		}
	}
	for i := 0; i < j.Varied; i++ {
		if len(a.Metadata.Get(fmt.Sprintf("x-varied-%d", i))) != 1 {
			return fmt.Errorf("x-varied-%d", i)
		}
	}
	return nil
}
