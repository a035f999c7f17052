package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	address   = "127.0.0.1:8080"
	port      = 9092
	portOfOld = 9093
)

func serve([]string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ready")
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o := orderOf(r.URL.Query())
		calls, failures := o.run(r.Context())
		if len(failures) > 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, "%d of %d failed", len(failures), calls)
		for i := 0; i < len(failures) && i < 5; i++ {
			fmt.Fprintf(w, "\n%v", failures[i])
		}
	})))
}

// order is how many messages, from which number on, in calls of `each`, of which so many at the same time.
type order struct {
	url.Values
	first, count, each, atOnce int
}

func orderOf(query url.Values) order {
	o := order{Values: query}
	o.first, o.count, o.each, o.atOnce = o.number("first", 0), o.number("count", 1), o.number("each", 1), o.number("at-once", 1)
	return o
}

func (o order) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(o.Get(name)); err == nil {
		return n
	}
	return otherwise
}

var compressions = map[string]kafka.Compression{
	"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd,
}

func (o order) writer() *kafka.Writer {
	broker := port
	if o.Get("old") != "" {
		broker = portOfOld
	}
	return &kafka.Writer{
		Addr:            kafka.TCP(fmt.Sprintf("127.0.0.1:%d", broker)),
		Topic:           o.Get("topic"),
		Balancer:        &kafka.Hash{},
		MaxAttempts:     10,
		BatchSize:       o.number("batch", 100),
		BatchBytes:      int64(o.number("bytes", 0)),
		BatchTimeout:    20 * time.Millisecond,
		WriteBackoffMin: 10 * time.Millisecond,
		WriteTimeout:    5 * time.Minute, // an emulated processor takes its time
		ReadTimeout:     5 * time.Minute,
		RequiredAcks:    kafka.RequireAll,
		Async:           o.Get("async") != "",
		Compression:     compressions[o.Get("compression")],
		Transport:       &kafka.Transport{DialTimeout: time.Minute, MetadataTTL: time.Hour},
	}
}

func (o order) run(ctx context.Context) (calls int, failures []error) {
	writer := o.writer()
	var lock sync.Mutex
	fail := func(err error) {
		lock.Lock()
		failures = append(failures, err)
		lock.Unlock()
	}
	writer.Completion = func(_ []kafka.Message, err error) {
		if err != nil && writer.Async {
			fail(err)
		}
	}
	pause, _ := time.ParseDuration(o.Get("pause"))
	var group sync.WaitGroup
	places := make(chan struct{}, o.atOnce)
	for at := 0; at < o.count && !o.isEnough(); at += o.each {
		places <- struct{}{}
		group.Add(1)
		calls++
		go func(first int) {
			defer group.Done()
			defer func() { <-places }()
			if err := o.call(ctx, writer, first); err != nil {
				fail(fmt.Errorf("messages from %d on: %w", first, err))
			}
			time.Sleep(pause)
		}(o.first + at)
	}
	group.Wait()
	if err := writer.Close(); err != nil {
		fail(err)
	}
	return calls, failures
}

func (o order) isEnough() bool {
	_, err := os.Stat(o.Get("until"))
	return o.Get("until") != "" && err == nil
}

// call sends messages, and looks whether they are then as they were.
func (o order) call(ctx context.Context, writer *kafka.Writer, first int) error {
	var messages []kafka.Message
	for number := first; number < first+o.each && number < o.first+o.count; number++ {
		messages = append(messages, messageOf(number))
	}
	if err := writer.WriteMessages(ctx, messages...); err != nil {
		return err
	}
	for i, m := range messages {
		if d := difference(first+i, m.Value, m.Headers); d != "" || len(m.Headers) != len(headersOf(first+i)) {
			return fmt.Errorf("message %d was changed: %s, %d headers", first+i, d, len(m.Headers))
		}
	}
	return nil
}
