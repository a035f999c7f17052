//go:build !go1.21

package main

import (
	"context"
	"net/http"
)

func special(ctx context.Context, _ logger, r *http.Request) { specials[r.URL.Query().Get("logger")](ctx) }
