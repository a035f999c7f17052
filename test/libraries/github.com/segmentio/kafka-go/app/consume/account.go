package consume

import (
	"context"
	"errors"
	"io"
	"sort"
	"time"
)

// goesOn says whether a reader is to be asked for one more. It is asked in vain after the last one, as loops do, unless
// the job is to leave.
func (r *run) goesOn(ctx context.Context) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return !r.ended && !(r.Is("leave") && ctx.Err() != nil)
}

// took ends the job after the last message that it wants.
func (r *run) took() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.last = time.Now()
	if r.count++; r.count == r.Number("messages", 1) {
		r.stop()
	}
}

// failed ends it where the application waits no longer, or no attempt is left.
func (r *run) failed(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) {
		r.end()
		return
	}
	r.fail(err)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.failures++; r.failures >= r.Number("attempts", 3) {
		r.ended = true
	}
}

func (r *run) end() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.ended = true
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
