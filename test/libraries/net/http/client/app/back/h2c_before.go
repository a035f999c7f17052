//go:build !go1.24

package back

import "net/http"

func allowH2C(*http.Server) {}
