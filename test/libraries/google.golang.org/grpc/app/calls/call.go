package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

const ownTraceparent = "00-11111111111111111111111111111111-2222222222222222-01"

var sizes = []int{10, 1000, 4096, 70_000}

// call sends what belongs to this number. The receiver has to have got the same messages.
func call(ctx context.Context, client *grpc.ClientConn, number, padding int) error {
	ctx, cancel := context.WithCancel(withMetadata(ctx, number, padding))
	defer cancel()
	if number%4 == 0 && padding == 0 {
		// Another field of the call's, with a value that changes.
		var stop func()
		ctx, stop = context.WithTimeout(ctx, time.Hour)
		defer stop()
	}
	message := messageOf(number)
	method := "/vm.Receiver/Call" + strconv.Itoa(number)
	// A connection may take long on an emulated processor, and is waited for.
	options := []grpc.CallOption{grpc.CallContentSubtype("raw"), grpc.FailFast(false)}
	hash := newHash()
	var answer []byte
	var err error
	switch number % 8 {
	case 5, 6, 7:
		desc := &grpc.StreamDesc{ServerStreams: number%8 != 6, ClientStreams: number%8 != 5}
		answer, err = stream(ctx, client, desc, method, message, options)
		hash.Write(message)
		if desc.ClientStreams {
			hash.Write(message)
		}
	default:
		err = client.Invoke(ctx, method, &message, &answer, options...)
		hash.Write(message)
	}
	if err != nil {
		return err
	}
	if string(answer) != sumOf(hash) {
		return fmt.Errorf("answer %q", answer)
	}
	return nil
}

func messageOf(number int) []byte {
	size := 10
	if number%3 == 0 {
		size = sizes[number/3%len(sizes)]
	}
	if number%60 == 0 {
		size = 1 << 20
	}
	return bytes.Repeat([]byte{byte(number), byte(number >> 8), 7}, size/3+1)[:size]
}

// withMetadata: 30 pairs or one, and in two of 14 a traceparent of the caller's own; or one that is padded.
func withMetadata(ctx context.Context, number, padding int) context.Context {
	pairs := []string{}
	for i := 0; i == 0 || (number%2 == 0 && padding == 0 && i < 30); i++ {
		pairs = append(pairs, "x-"+strconv.Itoa(i), fmt.Sprintf("value %d of call %d", i, number))
	}
	if padding > 0 {
		// Huffman's code makes it no shorter.
		pairs = append(pairs, "padding", strings.Repeat("~", padding))
	}
	ctx = metadata.NewOutgoingContext(ctx, metadata.Pairs(pairs...))
	if padding > 0 {
		return ctx
	}
	switch number % 14 {
	case 3:
		return metadata.AppendToOutgoingContext(ctx, "Traceparent", ownTraceparent)
	case 10:
		md, _ := metadata.FromOutgoingContext(ctx)
		md = md.Copy()
		md["traceparent"] = []string{ownTraceparent}
		return metadata.NewOutgoingContext(ctx, md)
	}
	return ctx
}

// stream sends the message, twice where it may, and takes the only answer.
func stream(ctx context.Context, client *grpc.ClientConn, desc *grpc.StreamDesc, method string, message []byte, options []grpc.CallOption) ([]byte, error) {
	stream, err := client.NewStream(ctx, desc, method, options...)
	if err != nil {
		return nil, err
	}
	for i := 0; i == 0 || (desc.ClientStreams && i < 2); i++ {
		if err := stream.SendMsg(&message); err != nil {
			return nil, err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	var answer, none []byte
	if err := stream.RecvMsg(&answer); err != nil {
		return nil, err
	}
	if !desc.ServerStreams {
		return answer, nil
	}
	if err := stream.RecvMsg(&none); err != io.EOF {
		return nil, fmt.Errorf("after the answer: %v", err)
	}
	return answer, nil
}
