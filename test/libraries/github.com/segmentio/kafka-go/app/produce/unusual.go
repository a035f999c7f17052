package produce

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// messageWriter is what programs often know of a writer.
type messageWriter interface {
	WriteMessages(ctx context.Context, messages ...kafka.Message) error
}

// asWriter keeps the compiler from knowing what it is.
var asWriter = func(w *kafka.Writer) messageWriter { return w }

// writeUnusually writes as few programs do; `how` is
//
//	interface   through an interface
//	panic       its balancer panics; what it is called by goes on with another writer
//	lost        it panics, and nothing is written behind that
//	nothing     it panics, and the next call has no messages
//	nested      its balancer writes a message of its own
func (h *handler) writeUnusually(o order) error {
	ctx, cancel := o.context()
	defer cancel()
	w, plain := o.writer(), o.writer()
	defer w.Close()
	defer plain.Close()
	messages := o.messages()
	switch o.Get("how") {
	case "interface":
		return asWriter(w).WriteMessages(ctx, messages...)
	case "panic", "lost", "nothing":
		w.Balancer = kafka.BalancerFunc(func(kafka.Message, ...int) int { panic("no balance") })
		if err := recovered(ctx, w, messages); err == nil {
			return errors.New("it did not panic")
		}
		if o.Get("how") == "lost" {
			return nil
		}
		if o.Get("how") == "nothing" {
			return plain.WriteMessages(ctx)
		}
		return plain.WriteMessages(ctx, messages...)
	default:
		w.Balancer = kafka.BalancerFunc(func(kafka.Message, ...int) int {
			if err := plain.WriteMessages(ctx, messages...); err != nil {
				panic(err)
			}
			return 0
		})
		return w.WriteMessages(ctx, messages...)
	}
}

func recovered(ctx context.Context, w *kafka.Writer, messages []kafka.Message) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("recovered: %v", value)
		}
	}()
	return w.WriteMessages(ctx, messages...)
}
