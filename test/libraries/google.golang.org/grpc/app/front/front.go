// Package front makes calls as the query of an HTTP request says.
package front

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Serve listens as "h1". A request's body is always "ok"; its header Grpc-Codes has the code of each call, and of the
// last one Said has the error's message (escaped) and Local-Port the end of the connection where `from` is given.
//
//	/call    one call; ?times=N of them one after another, ?fan=N at the same time, each on a goroutine of its own;
//	         with ?strict the answer is 500 when one of them has failed
//
//	/load    as many calls as can be: see load
//
// What a call is, its other parameters say: see call.
func Serve(targets map[string]string) error {
	p := &pool{targets: targets}
	mux := http.NewServeMux()
	mux.HandleFunc("/call", func(w http.ResponseWriter, r *http.Request) {
		c := call{r, r.URL.Query()}
		times, fan := c.number("times", 1), c.number("fan", 1)
		codes, said := make([]string, times*fan), make([]string, times*fan)
		for i := 0; i < times; i++ {
			together(fan, func(n int) { codes[i*fan+n], said[i*fan+n] = c.make(p) })
		}
		w.Header().Set("Grpc-Codes", strings.Join(codes, ","))
		w.Header().Set("Said", url.PathEscape(said[len(said)-1]))
		w.Header().Set("Local-Port", p.localPort(c.q.Get("from")))
		if c.q.Get("strict") != "" && strings.Count(w.Header().Get("Grpc-Codes"), "OK") != len(codes) {
			w.WriteHeader(http.StatusInternalServerError)
		}
		io.WriteString(w, "ok")
	})
	mux.HandleFunc("/load", p.serveLoad)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(l, mux)
	fmt.Println("listening", l.Addr(), "h1")
	return nil
}

// together runs it on the caller's goroutine when it is one, else each on its own.
func together(count int, run func(n int)) {
	if count == 1 {
		run(0)
		return
	}
	var group sync.WaitGroup
	for n := 0; n < count; n++ {
		group.Add(1)
		go func(n int) { defer group.Done(); run(n) }(n)
	}
	group.Wait()
}
