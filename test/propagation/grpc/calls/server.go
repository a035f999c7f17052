package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// arrived is what the server has seen of a call.
type arrived struct {
	Method   string
	Metadata metadata.MD
	Messages int
	Bytes    int
	Hash     string
}

func serve() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	s := grpc.NewServer(
		grpc.UnknownServiceHandler(answer),
		grpc.MaxRecvMsgSize(64<<20),
		grpc.InitialWindowSize(8<<20),
		grpc.InitialConnWindowSize(16<<20),
	)
	panic(s.Serve(l))
}

// answer reads all messages, then says what came. With "pong" in the metadata each message is answered at once.
func answer(_ any, stream grpc.ServerStream) error {
	a := arrived{}
	a.Method, _ = grpc.MethodFromServerStream(stream)
	a.Metadata, _ = metadata.FromIncomingContext(stream.Context())
	hash := sha256.New()
	for {
		var in []byte
		if err := stream.RecvMsg(&in); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		a.Messages++
		a.Bytes += len(in)
		hash.Write(in)
		if len(a.Metadata["pong"]) > 0 {
			if err := stream.SendMsg(&in); err != nil {
				return err
			}
		}
		if len(a.Metadata["slow"]) > 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	a.Hash = hex.EncodeToString(hash.Sum(nil))
	out, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return stream.SendMsg(&out)
}
