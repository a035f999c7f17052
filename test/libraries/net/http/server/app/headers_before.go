//go:build !go1.27

package main

import "net/http"

// allowManyHeaders has nothing to do: only the size of all headers is limited.
func allowManyHeaders(*http.Server) {}
