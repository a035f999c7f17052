//go:build go1.27

package main

import "net/http"

// allowManyHeaders lifts Go 1.27's limit of 500 header values.
func allowManyHeaders(server *http.Server) { server.MaxHeaderValueCount = 2000 }
