//go:build go1.21

package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
)

// A handler of its own, as many programs have one.
type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "refused" {
		return errors.New("refused")
	}
	return h.Handler.Handle(ctx, r)
}

var slogger = slog.New(handler{slog.NewJSONHandler(io.Discard, nil)})

func init() {
	loggers["slog"] = logger{
		debug: func(ctx context.Context, message string) { slogger.DebugContext(ctx, message, "secret", "s3cret") },
		info:  func(ctx context.Context, message string) { slogger.InfoContext(ctx, message, "secret", "s3cret") },
		warn:  func(ctx context.Context, message string) { slogger.LogAttrs(ctx, slog.LevelWarn, message, slog.Int("n", 1)) },
		fail:  func(ctx context.Context, message string) { slogger.ErrorContext(ctx, message) },
	}
	specials["slog"] = func(ctx context.Context) {
		slogger.Log(ctx, slog.LevelWarn+1, "between two levels")
		slogger.Log(ctx, slog.LevelDebug-4, "filtered")
		slogger.With("secret", "s3cret").WithGroup("group").Info("without a context")
		slogger.InfoContext(ctx, "refused")
	}
}

func special(ctx context.Context, _ logger, r *http.Request) { specials[r.URL.Query().Get("logger")](ctx) }
