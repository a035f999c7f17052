//go:build !noauto

package main

import (
	"context"
	"net/http"

	"go.opentelemetry.io/auto/sdk"
	"go.opentelemetry.io/otel/trace"
)

// The Auto SDK itself, which needs no switch.
func autoProvider() trace.TracerProvider { return sdk.TracerProvider() }

func direct(ctx context.Context, _ *http.Request) {
	tracer := autoProvider().Tracer("auto", trace.WithInstrumentationVersion("v0"))
	_, span := tracer.Start(ctx, "direct")
	span.End()
}
