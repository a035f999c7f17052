//go:build !go1.24

package main

import (
	"errors"
	"net/http"
)

func allowH2C(*http.Server) error {
	return errors.New("net/http has h2c from Go 1.24 on")
}
