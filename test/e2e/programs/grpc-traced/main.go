// Command grpc-traced serves gRPC's health checks twice: "traced" with OpenTelemetry's own SDK, whose server spans it
// prints, "span TRACE SPAN", and "plain" without. Each check asks its own "h1" for /ok. /check?target=ADDRESS there asks
// for another's health, with &traced=1 by a connection that the SDK traces.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

type checks struct {
	*health.Server
	url string
}

func (c checks) Check(ctx context.Context, in *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	return c.Server.Check(ctx, in)
}

type printer struct{}

func (printer) ExportSpans(_ context.Context, spans []trace.ReadOnlySpan) error {
	for _, span := range spans {
		fmt.Println("span", span.SpanContext().TraceID(), span.SpanContext().SpanID())
	}
	return nil
}

func (printer) Shutdown(context.Context) error { return nil }

func check(ctx context.Context, target string, options ...grpc.DialOption) error {
	connection, err := grpc.Dial(target, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	return err
}

func listen(mode string) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr(), mode)
	return l
}

func serve(mode, url string, options ...grpc.ServerOption) {
	server := grpc.NewServer(options...)
	grpc_health_v1.RegisterHealthServer(server, checks{health.NewServer(), url})
	go server.Serve(listen(mode))
}

func main() {
	h1 := listen("h1")
	settings := []otelgrpc.Option{
		otelgrpc.WithTracerProvider(trace.NewTracerProvider(trace.WithSyncer(printer{}))),
		otelgrpc.WithPropagators(propagation.TraceContext{}),
	}
	http.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	http.HandleFunc("/check", func(w http.ResponseWriter, r *http.Request) {
		var options []grpc.DialOption
		if r.FormValue("traced") != "" {
			options = append(options, ownCalls(settings...))
		}
		io.WriteString(w, status.Code(check(r.Context(), r.FormValue("target"), options...)).String())
	})
	go http.Serve(h1, nil)
	url := fmt.Sprintf("http://%s/ok", h1.Addr())
	serve("traced", url, own(settings...))
	serve("plain", url)
	fmt.Println("ready")
	select {}
}
