package produce

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// write uses a writer of its own, or one for all with `keep`:
//
//	async, compressed     as the writer's fields
//	balancer              roundrobin (by itself), leastbytes, hash, crc32, murmur2
//	bytes                 BatchBytes
//	attempts              MaxAttempts; 2 by itself
//	refused               nobody listens at the broker's address; `nowhere`: there is none
//	closed                it is closed before
//	timeout, cancel       milliseconds
//	background            no context of the request
//	go                    on a goroutine of its own
func (h *handler) write(o order) error {
	w, done := h.writers.get(o)
	defer done()
	if o.Is("closed") {
		w.Close()
	}
	ctx, cancel := o.context()
	defer cancel()
	messages := o.messages()
	if !o.Is("go") {
		return w.WriteMessages(ctx, messages...)
	}
	result := make(chan error)
	go func() { result <- w.WriteMessages(ctx, messages...) }()
	return <-result
}

func (o order) context() (context.Context, context.CancelFunc) {
	ctx := o.request.Context()
	if o.Is("background") {
		ctx = context.Background()
	}
	if limit := o.Milliseconds("timeout"); limit > 0 {
		return context.WithTimeout(ctx, limit)
	}
	ctx, cancel := context.WithCancel(ctx)
	if limit := o.Milliseconds("cancel"); limit > 0 {
		time.AfterFunc(limit, cancel)
	}
	return ctx, cancel
}

func (o order) writer() *kafka.Writer {
	w := &kafka.Writer{
		Addr:         o.address(),
		Balancer:     balancers[o.Get("balancer")](),
		MaxAttempts:  o.Number("attempts", 2),
		BatchSize:    o.Number("batch", 1000),
		BatchBytes:   int64(o.Number("bytes", 0)),
		BatchTimeout: 5 * time.Millisecond,
		RequiredAcks: kafka.RequireAll,
		Async:        o.Is("async"),
		Transport:    &kafka.Transport{ClientID: o.Get("client"), DialTimeout: 3 * time.Second},
	}
	if !o.isOwn() {
		w.Topic = o.topic
	}
	if o.Is("compressed") {
		w.Compression = kafka.Gzip
	}
	return w
}

func (o order) address() net.Addr {
	if o.Is("nowhere") {
		return nil
	}
	return kafka.TCP(o.broker)
}

var balancers = map[string]func() kafka.Balancer{
	"":           func() kafka.Balancer { return &kafka.RoundRobin{} },
	"roundrobin": func() kafka.Balancer { return &kafka.RoundRobin{} },
	"leastbytes": func() kafka.Balancer { return &kafka.LeastBytes{} },
	"hash":       func() kafka.Balancer { return &kafka.Hash{} },
	"crc32":      func() kafka.Balancer { return &kafka.CRC32Balancer{} },
	"murmur2":    func() kafka.Balancer { return &kafka.Murmur2Balancer{} },
}

// writers has one for each topic that is to be kept.
type writers struct {
	mutex sync.Mutex
	kept  map[string]*kafka.Writer
}

func newWriters() *writers { return &writers{kept: map[string]*kafka.Writer{}} }

func (s *writers) get(o order) (w *kafka.Writer, done func()) {
	if !o.Is("keep") {
		w := o.writer()
		return w, func() { w.Close() }
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.kept[o.topic] == nil {
		s.kept[o.topic] = o.writer()
	}
	return s.kept[o.topic], func() {}
}
