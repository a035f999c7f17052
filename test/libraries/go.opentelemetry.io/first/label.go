//go:build label
// +build label

package main

import "go.opentelemetry.io/otel/label"

func text(key, value string) label.KeyValue { return label.String(key, value) }
