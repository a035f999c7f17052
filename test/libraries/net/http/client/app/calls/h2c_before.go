//go:build !go1.24

package calls

import "net/http"

// h2c is what net/http can't do before Go 1.24.
var h2c http.RoundTripper
