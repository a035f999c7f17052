//go:build !go1.22

package routes

import (
	"net/http"
	"strings"
)

const itemPattern = "/items/"

func itemOf(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, itemPattern) }
