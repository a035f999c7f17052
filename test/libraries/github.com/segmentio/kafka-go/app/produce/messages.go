package produce

import (
	"fmt"
	"strings"

	"github.com/segmentio/kafka-go"
)

// tooLarge is more than a broker takes, which is 1 MiB unless it is told otherwise.
const tooLarge = 2 << 20

// messages are as many as `messages` says, 1 by itself. Each has a value of 13 bytes and neither key nor headers, but
// for:
//
//	size       bytes that each value has at least
//	empty      no value at all
//	large      the message of this index has 2 MiB, which is too large for a broker
//	label      the key of all; label-length: its length in the end; "zero" is one byte, 0
//	header     "name:value"; may come more than once
//	headers    so many more, of `header-size` bytes each
//	own        each message has the topic, not the writer
//	topics     it is spread over so many, the topic's name and -0, -1 …
func (o order) messages() []kafka.Message {
	headers := o.headers()
	all := make([]kafka.Message, o.Number("messages", 1))
	for i := range all {
		all[i] = kafka.Message{Key: o.key(), Value: o.value(i), Headers: headers}
		if names := o.topics(); o.isOwn() {
			all[i].Topic = names[i%len(names)]
		}
	}
	return all
}

func (o order) isOwn() bool { return o.Is("own") || o.Is("topics") }

func (o order) topics() []string {
	count := o.Number("topics", 0)
	if count == 0 {
		return []string{o.topic}
	}
	var names []string
	for i := 0; i < count; i++ {
		names = append(names, fmt.Sprintf("%s-%d", o.topic, i))
	}
	return names
}

func (o order) key() []byte {
	key := o.Get("label")
	switch {
	case key == "":
		return nil
	case key == "zero":
		return []byte{0}
	}
	for len(key) < o.Number("label-length", 0) {
		key += "k"
	}
	return []byte(key)
}

func (o order) value(i int) []byte {
	if o.Is("empty") {
		return nil
	}
	text := fmt.Sprintf("message %05d", i)
	size := o.Number("size", 0)
	if o.Is("large") && i == o.Number("large", 0) {
		size = tooLarge
	}
	if missing := size - len(text); missing > 0 {
		text += strings.Repeat(" ", missing)
	}
	return []byte(text)
}

func (o order) headers() (headers []kafka.Header) {
	for i := 0; i < o.Number("headers", 0); i++ {
		value := strings.Repeat("v", o.Number("header-size", 8))
		headers = append(headers, kafka.Header{Key: fmt.Sprintf("x-header-%d", i), Value: []byte(value)})
	}
	for _, text := range o.Values["header"] {
		parts := strings.SplitN(text, ":", 2)
		headers = append(headers, kafka.Header{Key: parts[0], Value: []byte(parts[1])})
	}
	return headers
}
