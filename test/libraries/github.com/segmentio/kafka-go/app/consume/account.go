package consume

import (
	"context"
	"sort"
	"time"
)

// took ends the job after the last message that it wants.
func (r *run) took() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.last = time.Now()
	if r.count++; r.count == r.Number("messages", 1) {
		r.stop()
	}
}

func (r *run) tell(h handled) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.messages) < told {
		r.messages = append(r.messages, h)
	}
}

func (r *run) fail(err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.err = err
}

func (r *run) endWhenIdle(ctx context.Context, limit time.Duration) {
	for ctx.Err() == nil {
		time.Sleep(limit / 10)
		r.mutex.Lock()
		idle := time.Since(r.last) > limit
		r.mutex.Unlock()
		if idle {
			r.stop()
		}
	}
}

func (r *run) result() result {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	sort.Slice(r.messages, func(a, b int) bool {
		if r.messages[a].Partition != r.messages[b].Partition {
			return r.messages[a].Partition < r.messages[b].Partition
		}
		return r.messages[a].Offset < r.messages[b].Offset
	})
	sum := result{Count: r.count, Seconds: r.last.Sub(r.begin).Seconds(), Messages: r.messages}
	if r.err != nil {
		sum.Error = r.err.Error()
	}
	return sum
}
