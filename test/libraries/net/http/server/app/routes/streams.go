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
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})
	mux.HandleFunc("/unread", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "unread") })
	mux.HandleFunc("/size/{bytes}", func(w http.ResponseWriter, r *http.Request) {
		bytes, _ := strconv.Atoi(r.PathValue("bytes"))
		chunk := make([]byte, 1000)
		for ; bytes > 0; bytes -= len(chunk) {
			w.Write(chunk[:min(bytes, len(chunk))])
		}
	})
	// A reader that isn't a WriterTo, so that io.Copy takes the ResponseWriter's ReadFrom.
	mux.HandleFunc("/readfrom", func(w http.ResponseWriter, _ *http.Request) {
		io.Copy(w, io.LimitReader(zeros{}, 10_000))
	})
	mux.HandleFunc("/events", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := 0; i < 3; i++ {
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	})
	mux.HandleFunc("/hijack", func(w http.ResponseWriter, _ *http.Request) {
		hijack(w, "HTTP/1.1 299 Raw\r\nContent-Length: 3\r\nConnection: close\r\n\r\nraw")
	})
	mux.HandleFunc("/upgrade", func(w http.ResponseWriter, _ *http.Request) {
		hijack(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
	})
	// Goes on after the client hung up, as a handler does that doesn't look at its context.
	mux.HandleFunc("/outlive", func(w http.ResponseWriter, r *http.Request) {
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
	clear(p)
	return len(p), nil
}
