package consume

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// run is a job in progress.
type run struct {
	job
	stop  context.CancelFunc
	begin time.Time

	mutex    sync.Mutex
	last     time.Time
	count    int
	messages []handled
	err      error
	failures int
	ended    bool
}

// read has a reader of its own.
func (r *run) read(ctx context.Context) {
	reader := r.reader()
	defer reader.Close()
	if limit := r.Milliseconds("close"); limit > 0 {
		time.AfterFunc(limit, func() { reader.Close() })
	}
	fetch := func(ctx context.Context) (kafka.Message, error) { return reader.FetchMessage(ctx) }
	switch r.Get("how") {
	case "fetch":
		r.fetch(ctx, reader)
	case "never":
		r.each(ctx, fetch, func(m kafka.Message) { r.handle(nil, m) })
	case "batch":
		var all []kafka.Message
		r.each(ctx, reader.FetchMessage, func(m kafka.Message) {
			r.handle(nil, m)
			if all = append(all, m); len(all) == r.Number("messages", 1) {
				r.commit(reader, all...)
			}
		})
	case "hired":
		r.withHired(ctx, reader)
	case "workers":
		r.withWorkers(ctx, reader, fetch)
	case "waited":
		r.each(ctx, fetch, func(m kafka.Message) {
			done := make(chan bool)
			go func() {
				defer close(done)
				r.handle(reader, m)
			}()
			<-done
		})
	case "go":
		var group sync.WaitGroup
		r.each(ctx, fetch, func(m kafka.Message) {
			group.Add(1)
			go func() {
				defer group.Done()
				r.handle(reader, m)
			}()
		})
		group.Wait()
	default:
		r.readAll(ctx, reader)
	}
}

// fetch and readAll are what most programs have, the others what some have.
func (r *run) fetch(ctx context.Context, reader *kafka.Reader) {
	for r.goesOn(ctx) {
		m, err := reader.FetchMessage(ctx)
		if err != nil {
			r.failed(err)
		} else {
			r.took()
			r.handle(reader, m)
		}
	}
}

func (r *run) readAll(ctx context.Context, reader *kafka.Reader) {
	for r.goesOn(ctx) {
		m, err := reader.ReadMessage(ctx)
		if err != nil {
			r.failed(err)
		} else {
			r.took()
			r.handle(nil, m)
		}
	}
}

func (r *run) each(ctx context.Context, next func(context.Context) (kafka.Message, error), do func(kafka.Message)) {
	for r.goesOn(ctx) {
		m, err := next(ctx)
		if err != nil {
			r.failed(err)
		} else {
			r.took()
			do(m)
		}
	}
}

func (r *run) withWorkers(ctx context.Context, reader *kafka.Reader, fetch func(context.Context) (kafka.Message, error)) {
	messages := make(chan kafka.Message)
	var group sync.WaitGroup
	for i := 0; i < r.Number("workers", 4); i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for m := range messages {
				r.handle(reader, m)
			}
		}()
	}
	r.each(ctx, fetch, func(m kafka.Message) { messages <- m })
	close(messages)
	group.Wait()
}

// withHired waits for its worker each time, which makes it sure what the next message is.
func (r *run) withHired(ctx context.Context, reader *kafka.Reader) {
	messages, handled := make(chan kafka.Message), make(chan bool)
	started := false
	r.each(ctx, reader.ReadMessage, func(m kafka.Message) {
		if !started {
			started = true
			go func() {
				for m := range messages {
					r.handle(nil, m)
					handled <- true
				}
			}()
			return
		}
		messages <- m
		<-handled
	})
	close(messages)
}

// handle commits to the reader, if there is one.
func (r *run) handle(reader *kafka.Reader, m kafka.Message) {
	h := handled{Partition: m.Partition, Offset: m.Offset, Begun: time.Now().UnixNano()}
	if r.Is("sql") {
		// The table's other name tells of which message a statement is.
		text := fmt.Sprintf("INSERT INTO messages AS m%d (topic, number) VALUES ($1, $2)", m.Offset)
		if _, err := r.db.Exec(text, m.Topic, m.Offset); err != nil {
			r.fail(err)
		}
	}
	time.Sleep(r.Milliseconds("work"))
	h.Ended = time.Now().UnixNano()
	if reader != nil && r.Is("group") {
		h.Committed = time.Now().UnixNano()
		r.commit(reader, m)
	}
	r.tell(h)
}

func (r *run) commit(reader *kafka.Reader, messages ...kafka.Message) {
	if err := reader.CommitMessages(context.Background(), messages...); err != nil {
		r.fail(err)
	}
}
