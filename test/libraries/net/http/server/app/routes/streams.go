package routes

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func streams(mux *http.ServeMux) {
	// Reads all first: once HTTP/1's response has begun, net/http gives no more of the request.
	handle(mux, "/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})
	handle(mux, "/unread", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "unread") })
	handle(mux, "/size/{bytes}", func(w http.ResponseWriter, r *http.Request) {
		bytes, _ := strconv.Atoi(pathValue(r, "bytes"))
		chunk := make([]byte, 1000)
		for ; bytes > len(chunk); bytes -= len(chunk) {
			w.Write(chunk)
		}
		w.Write(chunk[:bytes])
	})
	// A reader that isn't a WriterTo, so that io.Copy takes the ResponseWriter's ReadFrom.
	handle(mux, "/readfrom", func(w http.ResponseWriter, _ *http.Request) {
		io.Copy(w, io.LimitReader(zeros{}, 10_000))
	})
	handle(mux, "/events", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := 0; i < 3; i++ {
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	})
	handle(mux, "/hijack", func(w http.ResponseWriter, _ *http.Request) {
		hijack(w, "HTTP/1.1 299 Raw\r\nContent-Length: 3\r\nConnection: close\r\n\r\nraw")
	})
	handle(mux, "/upgrade", func(w http.ResponseWriter, _ *http.Request) {
		hijack(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
	})
	// Goes on after the client hung up, as a handler does that doesn't look at its context.
	handle(mux, "/outlive", func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		time.Sleep(50 * time.Millisecond)
		io.WriteString(w, "late")
	})
}

func hijack(w http.ResponseWriter, reply string) {
	connection, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer connection.Close()
	io.Copy(buffered, strings.NewReader(reply))
	buffered.Flush()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0
	}
	return len(p), nil
}
