// Command messages sends messages with kafka-go's Writer, and decodes what it sends:
//
//	messages receive -out received.jsonl
//	messages serve
//
// Each message has a number, which is its key and by which its value and headers are chosen.
package main

import (
	"log"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("which one: receive or serve?")
	}
	switch arguments := os.Args[2:]; os.Args[1] {
	case "receive":
		receive(arguments)
	case "serve":
		serve(arguments)
	default:
		log.Fatalf("unknown: %s", os.Args[1])
	}
}
