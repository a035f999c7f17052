//go:build !go1.24

package main

import "net/http"

// h2cServer returns nil: net/http has h2c from Go 1.24 on.
func h2cServer(http.Handler) *http.Server { return nil }
