//go:build !old

package main

import (
	"context"

	"github.com/rs/zerolog"
)

func withContext(ctx context.Context, e *zerolog.Event) *zerolog.Event { return e.Ctx(ctx) }
