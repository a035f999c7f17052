// A server whose handlers make spans with OpenTelemetry's API; no SDK is there. What each does is said at its path.
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
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

var tracer = tracerOf(otel.GetTracerProvider())

func tracerOf(provider trace.TracerProvider) trace.Tracer {
	return provider.Tracer("shop", trace.WithInstrumentationVersion("1.2.3"), trace.WithSchemaURL("https://shop.example/1"))
}

// Whom it calls.
var back = flag.String("back", "", "URL of a server")
var auto = flag.Bool("auto", false, "make all spans by the Auto SDK itself")
var atOnce = flag.Bool("at-once", false, "make a span before anything else")

func main() {
	flag.Parse()
	if *auto {
		otel.SetTracerProvider(autoProvider())
		tracer = tracerOf(autoProvider())
	}
	if *atOnce {
		span(context.Background(), "at once")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	for path, do := range handlers() {
		do := do
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			do(r.Context(), r)
			io.WriteString(w, "ok")
		})
	}
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

func handlers() map[string]func(context.Context, *http.Request) {
	return map[string]func(context.Context, *http.Request){
		"/callee":     func(context.Context, *http.Request) {},
		"/plain":      func(ctx context.Context, _ *http.Request) { span(ctx, "plain") },
		"/nested":     nested,
		"/everything": everything,
		"/goroutines": goroutines,
		"/siblings":   siblings,
		"/late":       late,
		"/told":       told,
		"/current":    current,
		"/nothing":    nothing,
		"/remote":     remote,
		"/other":      other,
		"/large":      large,
		"/padded":     padded,
		"/unencoded":  unencoded,
		"/context":    ofContext,
		"/direct":     direct,
		"/ten":        ten,
		"/recording":  recording,
	}
}

func span(ctx context.Context, name string, options ...trace.SpanStartOption) {
	_, span := tracer.Start(ctx, name, options...)
	span.End()
}

// Spans in spans, a request out of the innermost, and one that is given another context of the outer span.
func nested(ctx context.Context, _ *http.Request) {
	ctx, outer := tracer.Start(ctx, "outer", trace.WithSpanKind(trace.SpanKindProducer))
	defer outer.End()
	func() {
		ctx, inner := tracer.Start(ctx, "inner")
		defer inner.End()
		call(ctx, "/callee")
	}()
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, back, 1), time.Minute)
	defer cancel()
	span(ctx, "second")
	call(ctx, "/callee")
}

type problem struct{ text string }

func (p *problem) Error() string { return p.text }

// All that a span can have.
func everything(ctx context.Context, _ *http.Request) {
	begun := time.Unix(1_700_000_000, 123_456_789)
	linked := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID:    trace.TraceID{1, 2, 3},
		SpanID:     trace.SpanID{4, 5, 6},
		TraceFlags: trace.FlagsSampled,
	})
	_, span := otel.Tracer("stock").Start(ctx, "name that changes",
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithTimestamp(begun),
		trace.WithAttributes(attribute.String("at.start", "<é>"), attribute.Int64("large", 1<<62+1)),
		trace.WithLinks(trace.Link{SpanContext: linked, Attributes: []attribute.KeyValue{attribute.Bool("linked", true)}}),
	)
	span.SetName("everything")
	span.SetAttributes(
		attribute.Bool("bool", true),
		attribute.Int("int", -7),
		attribute.Float64("float", 2.5),
		attribute.Float64("whole float", 3),
		attribute.StringSlice("texts", []string{"a", ""}),
		attribute.IntSlice("ints", []int{1, 2}),
		attribute.BoolSlice("bools", []bool{true, false}),
		attribute.Float64Slice("floats", []float64{0.5, 1}),
		attribute.String("at.start", "<changed>"),
	)
	span.AddEvent("event", trace.WithTimestamp(begun.Add(time.Second)), trace.WithAttributes(attribute.Int("n", 1)))
	span.RecordError(&problem{"out of \"stock\""}, trace.WithTimestamp(begun.Add(2*time.Second)))
	span.SetStatus(codes.Error, "failed")
	span.End(trace.WithTimestamp(begun.Add(3 * time.Second)))
	span.End()
	span.SetName("too late")
}

// Each goroutine has a span, and a request in it.
func goroutines(ctx context.Context, _ *http.Request) {
	ctx, outer := tracer.Start(ctx, "outer")
	defer outer.End()
	var group sync.WaitGroup
	for i := 0; i < 3; i++ {
		group.Add(1)
		go func(name string) {
			defer group.Done()
			ctx, span := tracer.Start(ctx, name)
			defer span.End()
			call(ctx, "/callee")
		}(fmt.Sprint("worker ", i))
	}
	group.Wait()
}

// Spans that end in the order in which they began.
func siblings(ctx context.Context, _ *http.Request) {
	_, first := tracer.Start(ctx, "first")
	_, second := tracer.Start(ctx, "second")
	first.End()
	second.End()
}

// A span that begins with the context of one that has ended.
func late(ctx context.Context, _ *http.Request) {
	ctx, parent := tracer.Start(ctx, "ended")
	parent.End()
	span(ctx, "after its parent")
}

// What is told of a span by its context.
func told(ctx context.Context, _ *http.Request) {
	ctx, span := tracer.Start(ctx, "told by context")
	defer span.End()
	here := trace.SpanFromContext(ctx)
	here.SetAttributes(attribute.String("by", "context"))
	here.AddEvent("now")
	soldOut := errors.New("sold out")
	here.RecordError(soldOut)
	here.RecordError(fmt.Errorf("pack: %w", soldOut))
	here.SetStatus(codes.Ok, "")
	here.SetStatus(codes.Error, "too late")
}

// What is told of the request's own span, which is not the program's.
func current(ctx context.Context, _ *http.Request) {
	here := trace.SpanFromContext(ctx)
	here.SetAttributes(attribute.String("order.id", "A-17"), attribute.Int("order.items", 3))
	here.AddEvent("packed", trace.WithAttributes(attribute.Bool("whole", true)))
	here.RecordError(errors.New("late"))
	here.SetName("pack order")
	here.SetStatus(codes.Error, "too late")
	span(ctx, "child")
}

// Spans that do nothing, on purpose.
func nothing(ctx context.Context, _ *http.Request) {
	_, span := trace.NewNoopTracerProvider().Tracer("none").Start(ctx, "nothing")
	span.SetAttributes(attribute.Bool("discarded", true))
	span.End()
}

// The parent comes with a message that a worker takes, on a goroutine that serves no request.
var messages = make(chan func(), 1)

func init() {
	go func() {
		for message := range messages {
			message()
		}
	}()
}

func remote(_ context.Context, r *http.Request) {
	done := make(chan struct{})
	messages <- func() {
		defer close(done)
		carrier := propagation.HeaderCarrier{"Traceparent": {r.URL.Query().Get("parent")}}
		ctx := propagation.TraceContext{}.Extract(context.Background(), carrier)
		ctx, span := tracer.Start(ctx, "message", trace.WithSpanKind(trace.SpanKindConsumer))
		defer span.End()
		call(ctx, "/callee")
	}
	<-done
}

// A parent of another trace than the request's, which the request itself brings in its query.
func other(ctx context.Context, r *http.Request) {
	carrier := propagation.HeaderCarrier{"Traceparent": {r.URL.Query().Get("parent")}}
	span(propagation.TraceContext{}.Extract(ctx, carrier), "of another trace")
	carrier = propagation.HeaderCarrier{"Traceparent": {r.Header.Get("traceparent")}}
	span(propagation.TraceContext{}.Extract(ctx, carrier), "of the request's trace")
}

// More than the agent takes, and then some.
func large(ctx context.Context, r *http.Request) {
	var size int
	fmt.Sscan(r.URL.Query().Get("size"), &size)
	_, span := tracer.Start(ctx, "large", trace.WithAttributes(attribute.String("first", "1")))
	for i := 0; i < size; i += 1000 {
		span.SetAttributes(attribute.String(fmt.Sprintf("part %06d", i), strings.Repeat("é\"", 250)))
	}
	span.AddEvent("the last event")
	span.SetStatus(codes.Error, "too \"large\"")
	span.End()
}

// Spans with an attribute of so many bytes, from one number to another.
func padded(ctx context.Context, r *http.Request) {
	var from, to, step int
	fmt.Sscan(r.URL.Query().Get("bytes"), &from, &to, &step)
	for ; from <= to; from += step {
		span(ctx, "padded", trace.WithAttributes(attribute.String("padding", strings.Repeat("x", from))))
	}
}

// JSON has no such number.
func unencoded(ctx context.Context, _ *http.Request) {
	var zero float64
	ctx, span := tracer.Start(ctx, "ratio", trace.WithAttributes(attribute.Float64("ratio", zero/zero)))
	defer span.End()
	_, child := tracer.Start(ctx, "within")
	child.End()
}

// The way to a tracer that leads by a context.
func ofContext(ctx context.Context, _ *http.Request) {
	_, span := trace.SpanFromContext(ctx).TracerProvider().Tracer("of a context").Start(ctx, "by context")
	span.SetAttributes(attribute.String("a", "b"))
	span.End()
}

func ten(ctx context.Context, _ *http.Request) {
	for i := 0; i < 10; i++ {
		var span trace.Span
		ctx, span = tracer.Start(ctx, fmt.Sprint("level ", i), trace.WithAttributes(attribute.Int("level", i)))
		defer span.End()
	}
}

// What the program itself sees of its spans.
func recording(ctx context.Context, _ *http.Request) {
	_, span := tracer.Start(ctx, "probe")
	fmt.Println("recording:", span.IsRecording())
	span.End()
}

func call(ctx context.Context, path string) {
	request, err := http.NewRequestWithContext(ctx, "GET", *back+path, nil)
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
