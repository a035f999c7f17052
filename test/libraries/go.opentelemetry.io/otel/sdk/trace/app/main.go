// A server that traces some of its requests itself, with OpenTelemetry's SDK, and answers with the span that it made.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// What a client is told about the request: the program's own span, and what the requests out of it carried.
type answer struct {
	TraceID, SpanID string
	// traceparent headers of an outgoing request, as its server saw them.
	Received []string
}

var self string

func main() {
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample())))
	tracer := otel.Tracer("app")

	mux := http.NewServeMux()
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) { reply(w, r.Context(), nil) })
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(r.Header.Values("Traceparent"))
	})
	// Traced by otelhttp; its request out is by a plain client.
	mux.Handle("/own", otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply(w, r.Context(), call(r.Context(), http.DefaultClient))
	}), "own"))
	// Traced by otelhttp on both ends.
	instrumented := &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
	mux.Handle("/both", otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply(w, r.Context(), call(r.Context(), instrumented))
	}), "both"))
	// An internal span of the program in a request that it does not trace.
	mux.HandleFunc("/inner", func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), "inner")
		defer span.End()
		reply(w, ctx, call(ctx, http.DefaultClient))
	})
	// The program has read the parent out of the headers, and made no span.
	mux.HandleFunc("/extracted", func(w http.ResponseWriter, r *http.Request) {
		ctx := otel.GetTextMapPropagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		reply(w, ctx, call(ctx, http.DefaultClient))
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	self = "http://" + listener.Addr().String()
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	log.Fatal(http.Serve(listener, mux))
}

func call(ctx context.Context, client *http.Client) []string {
	request, err := http.NewRequestWithContext(ctx, "GET", self+"/echo", nil)
	if err != nil {
		log.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	var received []string
	body, _ := io.ReadAll(response.Body)
	json.Unmarshal(body, &received)
	return received
}

func reply(w http.ResponseWriter, ctx context.Context, received []string) {
	span := trace.SpanContextFromContext(ctx)
	json.NewEncoder(w).Encode(answer{span.TraceID().String(), span.SpanID().String(), received})
}
