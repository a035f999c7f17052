package consume

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"kafkaapp/params"
)

// job is told:
//
//	topic     what is read; topics: so many, its name and -0, -1 …, by a group
//	group     without one its partition 0 is read
//	messages  after so many it ends; 1 by itself, 0: when none came for `idle` milliseconds
//	how       read: ReadMessage (by itself)
//	          fetch: FetchMessage, and CommitMessages when it is handled
//	          batch: the same, committed all at once in the end
//	          workers: fetched by one goroutine, handled and committed by `workers` others
//	          go: each is handled and committed by a goroutine of its own; waited: which is waited for
//	          hired: handled by a goroutine that the first one, which isn't handled, makes it start
//	          never: fetched and handled, not committed
//	leave     the reader ends without asking for one more
//	readers   so many at the same time, of one group
//	sql       each is kept in the database; work: so many milliseconds are spent on it
//	attempts  MaxAttempts; interval: CommitInterval in milliseconds; client: an id
//	refused   nobody listens at the broker's address
//	close     the reader is closed after so many milliseconds; cancel, timeout: the same of the context
type job struct {
	params.Params
	broker string
	db     *sql.DB
}

// result's times are nanoseconds since 1970.
type result struct {
	Count int `json:"count"`
	// Of the end, when it was not the expected one.
	Error   string  `json:"error"`
	Seconds float64 `json:"seconds"`
	// The first of them.
	Messages []handled `json:"messages"`
}

type handled struct {
	Partition int   `json:"partition"`
	Offset    int64 `json:"offset"`
	// Its handling began and ended, and it was to be committed.
	Begun     int64 `json:"begun"`
	Ended     int64 `json:"ended"`
	Committed int64 `json:"committed"`
}

// told is of how many messages a result speaks.
const told = 1000

func (j job) do() result {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if limit := j.Milliseconds("timeout"); limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	if limit := j.Milliseconds("cancel"); limit > 0 {
		time.AfterFunc(limit, cancel)
	}
	r := &run{job: j, stop: cancel, begin: time.Now(), last: time.Now()}
	if limit := j.Milliseconds("idle"); limit > 0 {
		go r.endWhenIdle(ctx, limit)
	}
	var group sync.WaitGroup
	for i := 0; i < j.Number("readers", 1); i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			r.read(ctx)
		}()
	}
	group.Wait()
	return r.result()
}

func (j job) reader() *kafka.Reader {
	config := kafka.ReaderConfig{
		Brokers:        []string{j.broker},
		Topic:          j.Get("topic"),
		GroupID:        j.Get("group"),
		MinBytes:       1,
		MaxBytes:       10 << 20,
		MaxWait:        200 * time.Millisecond,
		MaxAttempts:    j.Number("attempts", 3),
		StartOffset:    kafka.FirstOffset,
		CommitInterval: j.Milliseconds("interval"),
		// Members of before the broker was killed are soon forgotten.
		SessionTimeout:   6 * time.Second,
		RebalanceTimeout: 6 * time.Second,
		JoinGroupBackoff: 200 * time.Millisecond,
		Dialer:           &kafka.Dialer{ClientID: j.Get("client"), Timeout: 3 * time.Second, DualStack: true},
		ReadLagInterval:  -1,
	}
	if j.Is("refused") {
		config.Brokers = []string{"127.0.0.1:1"}
	}
	if count := j.Number("topics", 0); count > 0 {
		setTopics(&config, count)
	}
	return kafka.NewReader(config)
}
