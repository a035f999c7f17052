package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"regexp"
	"strconv"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// received is one call, its metadata as it came.
type received struct {
	Number       int      `json:"number"`
	Protocol     string   `json:"protocol"`
	TraceParents []string `json:"traceparents"`
	TraceStates  []string `json:"tracestates"`
	Baggages     []string `json:"baggages"`
	B3           []string `json:"b3"`      // single and multi, one behind the other
	Headers      int      `json:"headers"` // those of the caller: x-0, x-1, ...
	Padded       bool     `json:"padded"`
}

type receiver struct {
	lock  sync.Mutex
	lines *json.Encoder
}

func receive(arguments []string) {
	flags := flag.NewFlagSet("receive", flag.ExitOnError)
	out := flags.String("out", "received.jsonl", "")
	pem := flags.String("pem", "", "a certificate and its key")
	flags.Parse(arguments)

	certificate, err := tls.LoadX509KeyPair(*pem, *pem)
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.Create(*out)
	if err != nil {
		log.Fatal(err)
	}
	r := &receiver{lines: json.NewEncoder(file)}
	secure := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}}
	plain, encrypted, limited := listen(plainAddress), listen(tlsAddress), listen(limitedAddress)
	fmt.Println("ready")
	handler, creds := grpc.UnknownServiceHandler(r.handle), grpc.Creds(credentials.NewTLS(secure))
	go func() { log.Fatal(grpc.NewServer(handler).Serve(plain)) }()
	go func() { log.Fatal(grpc.NewServer(handler, creds, grpc.MaxHeaderListSize(limit)).Serve(limited)) }()
	log.Fatal(grpc.NewServer(handler, creds).Serve(encrypted))
}

func listen(address string) net.Listener {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

var numberInMethod = regexp.MustCompile(`^/vm\.Receiver/Call(\d+)$`)

// handle answers any call with the checksum of its messages.
func (r *receiver) handle(_ interface{}, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	match := numberInMethod.FindStringSubmatch(method)
	if match == nil {
		return status.Errorf(codes.Unimplemented, "a call of %s", method)
	}
	hash := newHash()
	for {
		var message []byte
		err := stream.RecvMsg(&message)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		hash.Write(message)
	}
	number, _ := strconv.Atoi(match[1])
	got, _ := metadata.FromIncomingContext(stream.Context())
	r.write(number, got)
	answer := []byte(sumOf(hash))
	return stream.SendMsg(&answer)
}

func (r *receiver) write(number int, got metadata.MD) {
	headers := 0
	for len(got["x-"+strconv.Itoa(headers)]) > 0 {
		headers++
	}
	b3 := []string{}
	for _, name := range []string{"b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled"} {
		b3 = append(b3, got[name]...)
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	padded := len(got["padding"]) > 0
	err := r.lines.Encode(received{
		number, "gRPC", got["traceparent"], got["tracestate"], got["baggage"], b3, headers, padded,
	})
	if err != nil {
		log.Fatal(err)
	}
}
