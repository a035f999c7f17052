//go:build noauto

package main

import (
	"context"
	"net/http"
)

func direct(context.Context, *http.Request) {}
