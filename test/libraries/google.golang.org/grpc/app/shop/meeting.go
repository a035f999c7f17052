package shop

import (
	"context"
	"sync"
)

// meeting lets calls go on when so many of them are there.
type meeting struct {
	mutex   sync.Mutex
	present int
	open    chan struct{}
}

func (m *meeting) wait(ctx context.Context, count int) {
	m.mutex.Lock()
	if m.open == nil {
		m.open = make(chan struct{})
	}
	open := m.open
	if m.present++; m.present >= count {
		close(open)
		m.open, m.present = nil, 0
	}
	m.mutex.Unlock()
	select {
	case <-open:
	case <-ctx.Done():
	}
}
