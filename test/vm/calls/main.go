// Command calls is both ends of requests over TLS, and what sets them off:
//
//	calls certificate PEM
//	calls receive -listen 127.0.0.1:8443 -pem PEM -out received.jsonl
//	calls serve -listen 127.0.0.1:8080 -receiver https://127.0.0.1:8443
//	calls ask 'http://127.0.0.1:8080/?protocol=h2&first=0&count=100&at-once=10&clients=2'
//
// Each request has a number, by which its size, headers and method are chosen, and which the receiver writes down
// with what it got: one line of JSON a request.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("which one: certificate, receive, serve or ask?")
	}
	switch arguments := os.Args[2:]; os.Args[1] {
	case "certificate":
		certificate(arguments[0])
	case "receive":
		receive(arguments)
	case "serve":
		serve(arguments)
	case "ask":
		ask(arguments)
	default:
		log.Fatalf("unknown: %s", os.Args[1])
	}
}

// ask sends a request that belongs to a trace, and shows the answer. Exit code 1 when it is no good one.
func ask(arguments []string) {
	request, err := http.NewRequest("GET", arguments[0], nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	request.Header.Set("Tracestate", "vm=1")
	request.Header.Set("Baggage", "user="+strings.Repeat("a", 140)) // its length takes two bytes in HTTP/2
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	answer, _ := io.ReadAll(response.Body)
	fmt.Printf("%s: %s\n", arguments[0], answer)
	if response.StatusCode != 200 {
		os.Exit(1)
	}
}
