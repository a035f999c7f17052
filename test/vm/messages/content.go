package main

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/segmentio/kafka-go"
)

const ownTraceparent = "00-11111111111111111111111111111111-2222222222222222-01"

var sizes = []int{0, 13, 100, 900, 5000}

// messageOf is what belongs to this number.
func messageOf(number int) kafka.Message {
	m := kafka.Message{Key: []byte(strconv.Itoa(number)), Value: valueOf(number), Headers: headersOf(number)}
	if number%11 == 5 {
		m.Value = nil
	}
	return m
}

func valueOf(number int) []byte {
	size := sizes[number%len(sizes)]
	return bytes.Repeat([]byte{byte(number), byte(number >> 8), 7}, size/3+1)[:size]
}

func headersOf(number int) (headers []kafka.Header) {
	count := 0
	switch {
	case number%97 == 0:
		count = 40 // more than there is room for beside others
	case number%50 == 0:
		count = 29
	case number%2 == 0:
		count = 5
	}
	for i := 0; i < count; i++ {
		headers = append(headers, kafka.Header{Key: "x-" + strconv.Itoa(i), Value: []byte(fmt.Sprintf("value %d of message %d", i, number))})
	}
	switch number % 14 {
	case 3:
		headers = append(headers, kafka.Header{Key: "traceparent", Value: []byte(ownTraceparent)})
	case 10:
		headers = append([]kafka.Header{{Key: "Traceparent", Value: []byte(ownTraceparent)}}, headers...)
	}
	return headers
}

// difference says what of a message isn't as it was made; headers may follow those that it was made with.
func difference(number int, value []byte, headers []kafka.Header) string {
	made := messageOf(number)
	if !bytes.Equal(value, made.Value) || (value == nil) != (made.Value == nil) {
		return fmt.Sprintf("a value of %d bytes, not %d", len(value), len(made.Value))
	}
	if len(headers) < len(made.Headers) {
		return fmt.Sprintf("%d headers, not %d", len(headers), len(made.Headers))
	}
	for i, header := range made.Headers {
		if headers[i].Key != header.Key || !bytes.Equal(headers[i].Value, header.Value) {
			return fmt.Sprintf("header %d is %s: %.80q", i, headers[i].Key, headers[i].Value)
		}
	}
	return ""
}
