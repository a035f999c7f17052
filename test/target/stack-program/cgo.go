//go:build cgo
// +build cgo

package main

import "C"
