package produce

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
)

// result's times are microseconds of a call.
type result struct {
	// Calls of WriteMessages, and of those the ones that failed.
	Calls  int `json:"calls"`
	Failed int `json:"failed"`
	// Messages of the calls that did not fail.
	Messages int     `json:"messages"`
	Seconds  float64 `json:"seconds"`
	P50      int64   `json:"p50"`
	P99      int64   `json:"p99"`
	// Of the last call that failed.
	Error string `json:"error"`
}

// load writes `messages` in calls of `each` (1 by itself), by `workers` goroutines with one writer; what fails is not
// tried again, but for the writer's `attempts`. It answers with a result.
func (h *handler) load(w http.ResponseWriter, r *http.Request) {
	o, err := h.order(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writer := o.writer()
	defer writer.Close()
	json.NewEncoder(w).Encode(o.measure(writer, int64(o.Number("messages", 1)), o.Number("workers", 1)))
}

func (o order) measure(writer *kafka.Writer, left int64, workers int) (sum result) {
	each := o.Number("each", 1)
	o.Values = map[string][]string{"messages": {o.Get("each")}, "size": {o.Get("size")}}
	var mutex sync.Mutex
	var times []time.Duration
	begin := time.Now()
	together(workers, func(int) error {
		messages := o.messages()
		for atomic.AddInt64(&left, -int64(each)) >= 0 {
			before := time.Now()
			if err := writer.WriteMessages(context.Background(), messages...); err != nil {
				mutex.Lock()
				sum.Failed++
				sum.Error = err.Error()
			} else {
				took := time.Since(before)
				mutex.Lock()
				sum.Messages += each
				times = append(times, took)
			}
			sum.Calls++
			mutex.Unlock()
		}
		return nil
	})
	sum.Seconds = time.Since(begin).Seconds()
	sort.Slice(times, func(a, b int) bool { return times[a] < times[b] })
	if last := len(times) - 1; last >= 0 {
		sum.P50, sum.P99 = times[last/2].Microseconds(), times[last*99/100].Microseconds()
	}
	return sum
}
