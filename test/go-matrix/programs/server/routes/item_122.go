//go:build go1.22

package routes

import "net/http"

const itemPattern = "GET /items/{id}"

func itemOf(r *http.Request) string { return r.PathValue("id") }
