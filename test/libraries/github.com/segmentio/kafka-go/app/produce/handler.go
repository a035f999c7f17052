// Package produce writes messages as the query of an HTTP request says.
package produce

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"

	"kafkaapp/params"
	"kafkaapp/topics"
)

// Handler answers requests with "ok"; the header Said has the last error's text, escaped, and Topic the topic's name.
//
//	/writer   Writer.WriteMessages, see writer.go
//	/conn     Conn's ways to write, see conn.go
//	/client   Client.Produce, see client.go
//	/unusual  Writer.WriteMessages as few call it, see unusual.go
//	/consume  the same as /writer, unless they are `written` already, then a job of the same parameters; the answer is
//	          the job's
//	/load     as many messages as it is told, see load.go
//
// All of them make the topic before, unless they are told that it is to be `unknown`:
//
//	topic, partitions   its name, and how many; 1 by itself
//	run                 comes before the names of topics and of groups
//	padded              the name's length in the end: x's follow it
//	times, fan          how often, one after another, and on how many goroutines at the same time
//
// What the messages are: see messages.go.
func Handler(broker, consumer string) http.Handler {
	h := &handler{broker: broker, consumer: consumer, writers: newWriters()}
	mux := http.NewServeMux()
	mux.HandleFunc("/writer", h.answer(h.write))
	mux.HandleFunc("/conn", h.answer(h.writeToConn))
	mux.HandleFunc("/client", h.answer(h.produce))
	mux.HandleFunc("/unusual", h.answer(h.writeUnusually))
	mux.HandleFunc("/consume", h.consume)
	mux.HandleFunc("/load", h.load)
	return mux
}

type handler struct {
	broker, consumer string
	writers          *writers
}

// order is a request in progress.
type order struct {
	params.Params
	request *http.Request
	broker  string
	topic   string
}

func (h *handler) order(r *http.Request) (order, error) {
	o := order{Params: params.Params{Values: r.URL.Query()}, request: r, broker: h.broker}
	o.topic = o.Get("run") + o.Get("topic")
	for len(o.topic) < o.Number("padded", 0) {
		o.topic += "x"
	}
	if o.Is("refused") {
		o.broker = "127.0.0.1:1"
	}
	if o.Is("unknown") {
		return o, nil
	}
	for _, topic := range o.topics() {
		if err := topics.Create(h.broker, topic, o.Number("partitions", 1)); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (h *handler) answer(write func(o order) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o, err := h.order(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Topic", o.topic)
		if err := o.repeat(write); err != nil {
			w.Header().Set("Said", url.PathEscape(err.Error()))
		}
		io.WriteString(w, "ok")
	}
}

// repeat gives the last error.
func (o order) repeat(write func(o order) error) (last error) {
	for i := 0; i < o.Number("times", 1); i++ {
		if fan := o.Number("fan", 1); fan > 1 {
			last = together(fan, func(int) error { return write(o) })
		} else {
			last = write(o)
		}
	}
	return last
}

func together(count int, run func(n int) error) (last error) {
	var group sync.WaitGroup
	var mutex sync.Mutex
	for n := 0; n < count; n++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			if err := run(n); err != nil {
				mutex.Lock()
				last = err
				mutex.Unlock()
			}
		}(n)
	}
	group.Wait()
	return last
}

func (h *handler) consume(w http.ResponseWriter, r *http.Request) {
	o, err := h.order(r)
	if err == nil && o.Number("messages", 1) > 0 && !o.Is("written") {
		err = o.repeat(h.write)
	}
	var answer string
	if err == nil {
		o.Set("topic", o.topic)
		if o.Is("group") {
			o.Set("group", o.Get("run")+o.Get("group"))
		}
		answer, err = handOn(h.consumer, o.Encode())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Topic", o.topic)
	io.WriteString(w, answer)
}

func handOn(consumer, job string) (string, error) {
	conn, err := net.Dial("tcp", consumer)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	fmt.Fprintln(conn, job)
	return bufio.NewReader(conn).ReadString('\n')
}
