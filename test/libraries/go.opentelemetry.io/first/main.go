// A server whose handlers make spans with OpenTelemetry's API before 1.0; no SDK is there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var tracer = otel.Tracer("shop")

// Whom it calls.
var back = flag.String("back", "", "URL of a server")

func main() {
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	for path, do := range handlers() {
		do := do
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			do(r.Context())
			io.WriteString(w, "ok")
		})
	}
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

func handlers() map[string]func(context.Context) {
	return map[string]func(context.Context){
		"/callee":   func(context.Context) {},
		"/plain":    plain,
		"/nested":   nested,
		"/told":     told,
		"/overlap":  overlap,
		"/foreign":  foreign,
		"/detached": detached,
		"/rarely":   rarely,
	}
}

//go:noinline
func plain(ctx context.Context) {
	_, span := tracer.Start(ctx, "plain", trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(text("at.start", "yes")))
	span.End()
}

//go:noinline
func nested(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "outer")
	defer span.End()
	inner(ctx)
	call(ctx)
}

//go:noinline
func inner(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "inner")
	defer func() { span.End() }()
	call(ctx)
}

//go:noinline
func told(ctx context.Context) {
	_, span := tracer.Start(ctx, "told")
	span.SetAttributes(text("set", "yes"))
	span.RecordError(errors.New("sold out"))
	span.SetStatus(codes.Error, "failed")
	span.End()
}

// In the order in which they began.
//
//go:noinline
func overlap(ctx context.Context) {
	_, first := tracer.Start(ctx, "first")
	_, second := tracer.Start(ctx, "second")
	first.End()
	call(ctx)
	second.End()
}

//go:noinline
func begin(ctx context.Context) trace.Span {
	_, span := tracer.Start(ctx, "begun elsewhere")
	return span
}

// Ends a span that another function has begun before its own.
//
//go:noinline
func foreign(ctx context.Context) {
	other := begin(ctx)
	_, own := tracer.Start(ctx, "own")
	other.End()
	call(ctx)
	own.End()
}

var calls int

// The same, but not in the first calls.
//
//go:noinline
func rarely(ctx context.Context) {
	calls++
	other := begin(ctx)
	_, own := tracer.Start(ctx, "rarely")
	if calls > 2 {
		other.End()
	}
	call(ctx)
	own.End()
}

func detached(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "waited for")
	defer span.End()
	done := make(chan struct{})
	go func() {
		defer close(done)
		inner(ctx)
	}()
	<-done
}

func call(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, "GET", *back+"/callee", nil)
	if err != nil {
		log.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}
