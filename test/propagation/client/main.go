// Sends requests as it is told on standard input, one JSON line a job, and answers each job with a line.
// A request's path begins with 16 characters of its own, by which the test's server knows it again.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type job struct {
	// Name of the transport; one that is new begins without connections.
	Transport   string
	Pool        int
	WriteBuffer int

	URL, Method        string
	Count, Concurrency int
	// Behind the 16 characters of the path; the query and the fragment hold what the test's probe passes on.
	Path, Query, Fragment string
	Headers               map[string]string
	// Bytes.
	Body          int
	BodyText      string
	Chunked       bool
	SlowChunks    bool
	FromFile      string
	Expect, Close bool
	// Bytes of the answer, asked for with a header.
	Download int
	// Sends until a line comes.
	UntilLine bool
}

type result struct {
	OK     int
	Failed []string
	First  string
}

var transports = map[string]*http.Client{}
var requests atomic.Uint64

func client(j job) *http.Client {
	if c := transports[j.Transport]; c != nil {
		return c
	}
	dialer := net.Dialer{}
	t := &http.Transport{
		MaxIdleConnsPerHost: j.Pool,
		WriteBufferSize:     j.WriteBuffer,
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
		ExpectContinueTimeout: 5 * time.Second,
	}
	transports[j.Transport] = &http.Client{Transport: t, Timeout: 60 * time.Second}
	return transports[j.Transport]
}

// Body bytes are those of "0123456789abcdef" over and over.
type pattern struct {
	left, at int
	slow     bool
}

func (p *pattern) Read(into []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := min(len(into), p.left)
	if p.slow {
		n = min(n, 7000)
		time.Sleep(time.Millisecond)
	}
	for i := range into[:n] {
		into[i] = "0123456789abcdef"[(p.at+i)%16]
	}
	p.at += n
	p.left -= n
	return n, nil
}

func body(j job) (io.Reader, int64) {
	switch {
	case j.FromFile != "":
		f, err := os.Open(j.FromFile)
		if err != nil {
			panic(err)
		}
		s, _ := f.Stat()
		return f, s.Size()
	case j.BodyText != "":
		return strings.NewReader(j.BodyText), int64(len(j.BodyText))
	case j.Body == 0:
		return nil, 0
	case j.Chunked:
		return &pattern{left: j.Body, slow: j.SlowChunks}, -1
	case j.Body < 1<<16:
		b, _ := io.ReadAll(&pattern{left: j.Body})
		return bytes.NewReader(b), int64(j.Body)
	}
	return &pattern{left: j.Body, slow: j.SlowChunks}, int64(j.Body)
}

// Whether both hold the same bytes.
func check(got io.Reader, want io.Reader) error {
	a, b := make([]byte, 32<<10), make([]byte, 32<<10)
	for {
		n, err := io.ReadFull(got, a)
		if m, _ := io.ReadFull(want, b); n != m || !bytes.Equal(a[:n], b[:m]) {
			return fmt.Errorf("the answer differs: %d bytes, not %d", n, m)
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func send(c *http.Client, j job) error {
	url := fmt.Sprintf("%s/%016x%s", j.URL, requests.Add(1), j.Path)
	if j.Query != "" {
		url += "?" + j.Query
	}
	reader, length := body(j)
	r, err := http.NewRequest(j.Method, url, reader)
	if err != nil {
		return err
	}
	r.URL.Fragment = j.Fragment
	if reader != nil {
		r.ContentLength = length
	}
	for name, value := range j.Headers {
		r.Header[name] = []string{value}
	}
	if j.Download > 0 {
		r.Header.Set("X-Download", fmt.Sprint(j.Download))
	}
	if j.Expect {
		r.Header.Set("Expect", "100-continue")
	}
	r.Close = j.Close
	response, err := c.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := check(response.Body, &pattern{left: j.Download}); err != nil {
		return err
	}
	if response.StatusCode != 200 {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}

func run(j job, stop <-chan struct{}) result {
	c := client(j)
	res := result{First: fmt.Sprintf("%016x", requests.Load()+1)}
	var left atomic.Int64
	left.Store(int64(j.Count))
	var mutex sync.Mutex
	var group sync.WaitGroup
	for i := 0; i < max(1, j.Concurrency); i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if !j.UntilLine && left.Add(-1) < 0 {
					return
				}
				err := send(c, j)
				mutex.Lock()
				if err == nil {
					res.OK++
				} else {
					res.Failed = append(res.Failed, err.Error())
				}
				mutex.Unlock()
			}
		}()
	}
	group.Wait()
	return res
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	out.Encode("ready")
	for in.Scan() {
		j := job{Method: "GET", Count: 1, Pool: 2}
		if err := json.Unmarshal(in.Bytes(), &j); err != nil {
			panic(err)
		}
		stop := make(chan struct{})
		if j.UntilLine {
			go func() {
				in.Scan()
				close(stop)
			}()
		}
		out.Encode(run(j, stop))
	}
}
