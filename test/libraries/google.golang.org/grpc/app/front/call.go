package front

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"grpcapp/shop"
)

// call is told by the parameters:
//
//	to         name of the target; "plain" by itself
//	from       address of its own that the connection comes from; with it each address has its own connection
//	fresh      a connection for this call alone
//	kind       unary, client-stream, server-stream, bidi, health, reflection, within, panic, after-panic: see
//	           within.go
//	method     "/pkg.Service/Method" instead of the shop's
//	say        what the request says: see shop's do
//	messages   how many a stream sends; 3 by itself
//	size       bytes that the request has at least
//	timeout, cancel   milliseconds
//	md         "name:value" of metadata; may come more than once
//	gzip, wait (for a connection), background (no context of the request), abandon (a stream that isn't read),
//	again (interceptors try once more after an error)
type call struct {
	r *http.Request
	q url.Values
}

func (c call) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(c.q.Get(name)); err == nil {
		return n
	}
	return otherwise
}

// make gives the name of the code, and the message, as programs look at errors.
func (c call) make(p *pool) (code, said string) {
	connection, release, err := p.connection(c.q.Get("to"), c.q.Get("from"), c.q.Get("fresh") != "")
	if err != nil {
		return "no call", err.Error()
	}
	defer release()
	ctx, cancel := c.context()
	defer cancel()
	outcome, _ := status.FromError(c.run(ctx, connection))
	return outcome.Code().String(), outcome.Message()
}

func (c call) run(ctx context.Context, connection *grpc.ClientConn) error {
	switch c.q.Get("kind") {
	case "client-stream":
		return c.stream(ctx, connection, shop.Upload)
	case "server-stream":
		return c.stream(ctx, connection, shop.List)
	case "bidi":
		return c.stream(ctx, connection, shop.Chat)
	case "health":
		return checkHealth(ctx, connection)
	case "reflection":
		return reflect(ctx, connection)
	case "within":
		return c.within(ctx, connection, 3)
	case "panic":
		return c.panics(ctx, connection)
	case "after-panic":
		return c.afterPanic(ctx, connection)
	}
	return connection.Invoke(ctx, c.method(shop.Get), c.message(), new(shop.Text), c.options()...)
}

func (c call) context() (context.Context, context.CancelFunc) {
	ctx := c.r.Context()
	if c.q.Get("background") != "" {
		ctx = context.Background()
	}
	if c.q.Get("again") != "" {
		ctx = context.WithValue(ctx, again{}, true)
	}
	for _, text := range c.q["md"] {
		parts := strings.SplitN(text, ":", 2)
		ctx = metadata.AppendToOutgoingContext(ctx, parts[0], parts[1])
	}
	if ms := c.number("timeout", 0); ms > 0 {
		return context.WithTimeout(ctx, time.Duration(ms)*time.Millisecond)
	}
	ctx, cancel := context.WithCancel(ctx)
	if ms := c.number("cancel", 0); ms > 0 {
		time.AfterFunc(time.Duration(ms)*time.Millisecond, cancel)
	}
	return ctx, cancel
}

func (c call) method(otherwise string) string {
	if method := c.q.Get("method"); method != "" {
		return method
	}
	return otherwise
}

func (c call) message() *shop.Text {
	text := c.q.Get("say")
	if missing := c.number("size", 0) - len(text); missing > 0 {
		text += strings.Repeat(" ", missing)
	}
	return &shop.Text{Value: text}
}

func (c call) options() []grpc.CallOption {
	options := []grpc.CallOption{grpc.FailFast(c.q.Get("wait") == "")}
	if c.q.Get("gzip") != "" {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}
	return options
}
