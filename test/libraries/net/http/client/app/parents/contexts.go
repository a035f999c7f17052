package parents

import (
	"context"
	"net/http"
	"time"
)

type embeddingPointer struct {
	context.Context
	name string
}

type embeddingValue struct {
	name string
	context.Context
}

type named struct {
	count  int
	parent context.Context
}

func (n named) Deadline() (time.Time, bool)       { return n.parent.Deadline() }
func (n named) Done() <-chan struct{}             { return n.parent.Done() }
func (n named) Err() error                        { return n.parent.Err() }
func (n named) Value(key interface{}) interface{} { return n.parent.Value(key) }

// An interface value holds it as the pointer that it is.
type direct struct{ *embeddingPointer }

// As gin.Context does it.
type ofRequest struct{ Request *http.Request }

func (o *ofRequest) Deadline() (time.Time, bool)       { return o.Request.Context().Deadline() }
func (o *ofRequest) Done() <-chan struct{}             { return o.Request.Context().Done() }
func (o *ofRequest) Err() error                        { return o.Request.Context().Err() }
func (o *ofRequest) Value(key interface{}) interface{} { return o.Request.Context().Value(key) }

var contexts = map[string]func(context.Context) context.Context{
	"embedding-pointer": func(ctx context.Context) context.Context { return &embeddingPointer{ctx, "a"} },
	"embedding-value":   func(ctx context.Context) context.Context { return embeddingValue{"a", ctx} },
	"named":             func(ctx context.Context) context.Context { return named{1, ctx} },
	"direct":            func(ctx context.Context) context.Context { return direct{&embeddingPointer{ctx, "a"}} },
	"of-request": func(ctx context.Context) context.Context {
		return &ofRequest{(&http.Request{}).WithContext(ctx)}
	},
	"nested": func(ctx context.Context) context.Context {
		inner := context.WithValue(embeddingValue{"a", &embeddingPointer{ctx, "b"}}, contextKey(1), 1)
		return named{2, direct{&embeddingPointer{inner, "c"}}}
	},
}
