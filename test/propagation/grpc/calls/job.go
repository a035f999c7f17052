package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
)

type job struct {
	Address string
	// Name of the connection; one that is new is dialled. With Fresh each call dials its own.
	Connection string
	Fresh      bool
	// Bytes of grpc's own buffer, and of the socket's; 0: as they are by themselves.
	WriteBuffer *int
	SendBuffer  int

	Count, Concurrency int
	// Behind the id.
	Flag, TraceState, Baggage string
	Metadata                  map[string]string
	// Pairs beside, whose values differ from call to call.
	Varied int
	// Of each message, bytes; Messages of a stream, 0: a unary call.
	Bytes, Messages int
	Pong            bool
	// Gives all that arrived.
	Tell bool
	// Calls until a line comes.
	UntilLine bool
}

type result struct {
	OK int
	// Calls whose traceparent is that of their id, that have none, and others.
	Carried, Bare int
	Wrong, Failed []string
	Arrived       []json.RawMessage
}

// calls is how many were begun: each has a number of its own.
var calls atomic.Uint64

func (r *result) add(j job, a arrived, out json.RawMessage, want string, err error) {
	got := a.Metadata["traceparent"]
	switch {
	case err != nil:
		r.Failed = append(r.Failed, err.Error())
		return
	case len(got) == 0:
		r.Bare++
	case len(got) == 1 && got[0] == want:
		r.Carried++
	default:
		r.Wrong = append(r.Wrong, fmt.Sprint(got, want))
	}
	r.OK++
	if j.Tell {
		r.Arrived = append(r.Arrived, out)
	}
}

func run(j job, stop <-chan struct{}) result {
	var (
		r     result
		lock  sync.Mutex
		group sync.WaitGroup
		left  atomic.Int64
	)
	left.Store(int64(max(j.Count, 1)))
	shared := connection(j)
	for i := 0; i < max(j.Concurrency, 1); i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j.UntilLine || left.Add(-1) >= 0 {
				select {
				case <-stop:
					return
				default:
				}
				c := shared
				if j.Fresh {
					c = dial(j)
				}
				a, out, want, err := call(c, j, calls.Add(1))
				if j.Fresh {
					c.Close()
				}
				lock.Lock()
				r.add(j, a, out, want, err)
				lock.Unlock()
			}
		}()
	}
	group.Wait()
	return r
}
