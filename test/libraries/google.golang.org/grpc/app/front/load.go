package front

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"
	"sync"
	"time"

	"google.golang.org/grpc"

	"grpcapp/shop"
)

// load is what a benchmark measures: as many calls as can be, over one connection.
//
//	workers   how many at the same time
//	seconds   for how long
//	kind      unary, or bidi: a message there and back over a stream of each worker
type load struct {
	call
	connection *grpc.ClientConn
	until      time.Time
}

// result's times are microseconds.
type result struct {
	Count int    `json:"count"`
	P50   int64  `json:"p50"`
	P99   int64  `json:"p99"`
	Error string `json:"error"`
}

func (p *pool) serveLoad(w http.ResponseWriter, r *http.Request) {
	c := call{r, r.URL.Query()}
	connection, release, err := p.connection(c.q.Get("to"), "", false)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer release()
	l := load{c, connection, time.Now().Add(time.Duration(c.number("seconds", 1)) * time.Second)}
	json.NewEncoder(w).Encode(l.run(c.number("workers", 1)))
}

func (l load) run(workers int) result {
	var mutex sync.Mutex
	var all []time.Duration
	var failure string
	together(workers, func(int) {
		times, err := l.work()
		mutex.Lock()
		defer mutex.Unlock()
		all = append(all, times...)
		if err != nil {
			failure = err.Error()
		}
	})
	sort.Slice(all, func(a, b int) bool { return all[a] < all[b] })
	at := func(share float64) int64 { return all[int(share*float64(len(all)-1))].Microseconds() }
	if failure != "" || len(all) == 0 {
		return result{Error: "failed: " + failure}
	}
	return result{Count: len(all), P50: at(0.5), P99: at(0.99)}
}

// work gives how long each call took.
func (l load) work() ([]time.Duration, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, out := l.message(), new(shop.Text)
	once := func() error { return l.connection.Invoke(ctx, shop.Get, in, out) }
	if l.q.Get("kind") == "bidi" {
		stream, err := l.connection.NewStream(ctx, shop.Streams[shop.Chat], shop.Chat)
		if err != nil {
			return nil, err
		}
		once = func() error {
			if err := stream.SendMsg(in); err != nil {
				return err
			}
			return stream.RecvMsg(out)
		}
	}
	var times []time.Duration
	for begin := time.Now(); begin.Before(l.until); {
		if err := once(); err != nil {
			return nil, err
		}
		end := time.Now()
		times = append(times, end.Sub(begin))
		begin = end
	}
	return times, nil
}
