// Command load sends requests over several connections at once and writes down what it sent, one line of JSON a
// request, so that the spans can be compared with it. No two requests are alike, and each can be told by its number.
//
//	load -address 127.0.0.1:8080 -requests 2000 -connections 8 -out sent.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

// sent is one request and the answer's status, in the words of the spans' attributes.
type sent struct {
	Number      int    `json:"number"`
	Method      string `json:"method"`
	Path        string `json:"path"`
	Query       string `json:"query"`
	Route       string `json:"route"`
	UserAgent   string `json:"userAgent"`
	Headers     int    `json:"headers"`
	TraceID     string `json:"traceId"`  // "" when no traceparent was sent
	ParentID    string `json:"parentId"` // likewise
	TraceState  string `json:"traceState"`
	Port        int    `json:"port"` // the client's
	Status      int    `json:"status"`
	bodyOfBytes int
}

func main() {
	address := flag.String("address", "127.0.0.1:8080", "the server's")
	requests := flag.Int("requests", 2000, "in all")
	connections := flag.Int("connections", 8, "kept alive, each with its share of the requests")
	out := flag.String("out", "sent.jsonl", "")
	flag.Parse()

	all := make([]sent, *requests)
	var group sync.WaitGroup
	for c := 0; c < *connections; c++ {
		group.Add(1)
		go func(c int) {
			defer group.Done()
			if err := converse(*address, all, c, *connections); err != nil {
				log.Fatalf("connection %d: %v", c, err)
			}
		}(c)
	}
	group.Wait()
	if err := write(*out, all); err != nil {
		log.Fatal(err)
	}
}

// perConnection is how many requests share a connection: each new one is a new goroutine in the server.
const perConnection = 50

// converse sends every step-th request, each after the answer to the one before.
func converse(address string, all []sent, first, step int) error {
	for begin := first; begin < len(all); begin += step * perConnection {
		end := min(len(all), begin+step*perConnection)
		if err := onOneConnection(address, all[:end], begin, step); err != nil {
			return err
		}
	}
	return nil
}

func onOneConnection(address string, all []sent, first, step int) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for n := first; n < len(all); n += step {
		request := plan(n)
		request.Port = connection.LocalAddr().(*net.TCPAddr).Port
		if _, err := io.WriteString(connection, text(request, address)); err != nil {
			return fmt.Errorf("request %d: %w", n, err)
		}
		response, err := http.ReadResponse(reader, &http.Request{Method: request.Method})
		if err != nil {
			return fmt.Errorf("request %d: %w", n, err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return fmt.Errorf("request %d: %w", n, err)
		}
		request.Status = response.StatusCode
		all[n] = request
	}
	return nil
}

func plan(n int) sent {
	request := sent{
		Number:    n,
		Method:    []string{"GET", "POST", "PUT", "DELETE", "PATCH"}[n%5],
		Query:     fmt.Sprintf("n=%d", n),
		UserAgent: fmt.Sprintf("load/%d", n),
		Headers:   []int{2, 12, 60}[n%3],
	}
	switch n % 4 {
	case 0:
		request.Path, request.Route = fmt.Sprintf("/files/%d/of/many", n), "/files/{path...}"
	case 1:
		request.Path, request.Route = fmt.Sprintf("/status/%d", 200+n%300), "/status/{code}"
	case 2: // A growing stack on a new goroutine; the paths differ in length.
		request.Path, request.Route = "/deep/"+strings.Repeat("0", n%40)+fmt.Sprint(3000+n%100), "/deep/{frames}"
	case 3:
		request.Path = fmt.Sprintf("/bare/%d/%s", n, strings.Repeat("x", n%80))
	}
	if n%4 != 3 || n%8 == 3 {
		mixed := uint64(n+1) * 0x9e3779b97f4a7c15
		request.TraceID = fmt.Sprintf("%016x%016x", mixed, mixed^uint64(n))
		request.ParentID = fmt.Sprintf("%016x", uint64(n+1)*0xbf58476d1ce4e5b9)
		request.TraceState = fmt.Sprintf("vm=%d", n)
	}
	if request.Method != "GET" && request.Method != "DELETE" {
		request.bodyOfBytes = n % 2000
	}
	return request
}

// text is the request with so many headers; those that matter stand at a place that changes.
func text(request sent, address string) string {
	headers := []string{"Host: " + address}
	special := []string{"User-Agent: " + request.UserAgent}
	if request.TraceID != "" {
		special = append(special,
			"Traceparent: 00-"+request.TraceID+"-"+request.ParentID+"-01",
			"Tracestate: "+request.TraceState)
	}
	if request.bodyOfBytes > 0 {
		special = append(special, fmt.Sprintf("Content-Length: %d", request.bodyOfBytes))
	}
	filling := max(0, request.Headers-len(special)-1)
	at := 0
	if filling > 0 {
		at = request.Number % (filling + 1)
	}
	for i := 0; i < filling; i++ {
		if i == at {
			headers = append(headers, special...)
		}
		headers = append(headers, fmt.Sprintf("X-Filling-%d: %d of request %d", i, i, request.Number))
	}
	if at == filling {
		headers = append(headers, special...)
	}
	return request.Method + " " + request.Path + "?" + request.Query + " HTTP/1.1\r\n" +
		strings.Join(headers, "\r\n") + "\r\n\r\n" + strings.Repeat("b", request.bodyOfBytes)
}

func write(path string, all []sent) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(file)
	for _, request := range all {
		if err := encoder.Encode(request); err != nil {
			return err
		}
	}
	return file.Close()
}
