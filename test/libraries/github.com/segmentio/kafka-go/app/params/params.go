// Package params is what a request or a job is told.
package params

import (
	"net/url"
	"strconv"
	"time"
)

// Params are those of a URL's query.
type Params struct{ url.Values }

// Number is a parameter, or another number without it.
func (p Params) Number(name string, otherwise int) int {
	if n, err := strconv.Atoi(p.Get(name)); err == nil {
		return n
	}
	return otherwise
}

// Is says whether the parameter is there.
func (p Params) Is(name string) bool { return p.Get(name) != "" }

// Milliseconds is a time, or none without the parameter.
func (p Params) Milliseconds(name string) time.Duration {
	return time.Duration(p.Number(name, 0)) * time.Millisecond
}
