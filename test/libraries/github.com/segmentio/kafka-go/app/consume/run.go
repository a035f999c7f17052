package consume

import (
	"context"
	"errors"
	"fmt"
	"io"
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
}

// read has a reader of its own.
func (r *run) read(ctx context.Context) {
	reader := r.reader()
	defer reader.Close()
	if limit := r.Milliseconds("close"); limit > 0 {
		time.AfterFunc(limit, func() { reader.Close() })
	}
	switch r.Get("how") {
	case "fetch", "never":
		r.each(ctx, reader.FetchMessage, func(m kafka.Message) { r.handle(reader, m) })
	case "batch":
		var all []kafka.Message
		r.each(ctx, reader.FetchMessage, func(m kafka.Message) {
			r.handle(nil, m)
			if all = append(all, m); len(all) == r.Number("messages", 1) {
				r.commit(reader, all...)
			}
		})
	case "workers":
		r.withWorkers(ctx, reader)
	case "waited":
		r.each(ctx, reader.FetchMessage, func(m kafka.Message) {
			done := make(chan bool)
			go func() {
				defer close(done)
				r.handle(reader, m)
			}()
			<-done
		})
	case "go":
		var group sync.WaitGroup
		r.each(ctx, reader.FetchMessage, func(m kafka.Message) {
			group.Add(1)
			go func() {
				defer group.Done()
				r.handle(reader, m)
			}()
		})
		group.Wait()
	default:
		r.each(ctx, reader.ReadMessage, func(m kafka.Message) { r.handle(nil, m) })
	}
}

func (r *run) withWorkers(ctx context.Context, reader *kafka.Reader) {
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
	r.each(ctx, reader.FetchMessage, func(m kafka.Message) { messages <- m })
	close(messages)
	group.Wait()
}

// each gives one message after another, until the context ends, the reader is closed, or no attempt is left.
func (r *run) each(ctx context.Context, next func(context.Context) (kafka.Message, error), do func(kafka.Message)) {
	for left := r.Number("attempts", 3); ; {
		m, err := next(ctx)
		switch {
		case err == nil:
			r.took()
			do(m)
		case isEnd(err):
			return
		default:
			r.fail(err)
			if left--; left == 0 {
				return
			}
		}
		if r.Is("leave") && ctx.Err() != nil {
			return
		}
	}
}

func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF)
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
	if reader != nil && r.Get("how") != "never" && r.Is("group") {
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
