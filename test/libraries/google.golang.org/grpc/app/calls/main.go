// Command calls is both ends of gRPC calls that can be told apart, for tests in other kernels:
//
//	calls receive -pem FILE -out received.jsonl
//	calls serve
//	curl 'http://127.0.0.1:8080/?first=0&count=100&at-once=10&clients=2'
//
// Each call has a number, by which its kind, size and metadata are chosen. It is in the name of its method, and the
// receiver writes it down with the metadata that came: one line of JSON a call. Messages are plain bytes: a call is
// answered with the checksum of all that it sent.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"log"
	"os"

	"google.golang.org/grpc/encoding"
)

const (
	tlsAddress   = "127.0.0.1:8443"
	plainAddress = "127.0.0.1:8444"
	// TLS, of a server that takes no more than so many bytes of metadata.
	limitedAddress = "127.0.0.1:8445"
	limit          = 3000
)

func main() {
	encoding.RegisterCodec(raw{})
	if len(os.Args) < 2 {
		log.Fatal("which one: receive or serve?")
	}
	switch arguments := os.Args[2:]; os.Args[1] {
	case "receive":
		receive(arguments)
	case "serve":
		serve()
	default:
		log.Fatalf("unknown: %s", os.Args[1])
	}
}

// raw leaves messages as they are: each is a *[]byte.
type raw struct{}

func (raw) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }

func (raw) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func (raw) Name() string { return "raw" }

func sumOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func newHash() hash.Hash { return sha256.New() }
