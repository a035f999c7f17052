//go:build !label
// +build !label

package main

import "go.opentelemetry.io/otel/attribute"

func text(key, value string) attribute.KeyValue { return attribute.String(key, value) }
