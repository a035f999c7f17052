//go:build !manual

package main

import (
	"context"
	"net/http"
)

func manual(context.Context, logger, *http.Request) {}
