//go:build manual

package main

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel"
)

// Within a span of its own, on another goroutine of that, and with its context when it has ended.
func manual(ctx context.Context, l logger, _ *http.Request) {
	of, span := otel.Tracer("shop").Start(ctx, "pack")
	l.info(of, "in the span")
	l.info(ctx, "of the request")
	done := make(chan bool)
	go func() {
		l.warn(of, "elsewhere in the span")
		close(done)
	}()
	<-done
	span.End()
	l.info(of, "of a span that has ended")
}
