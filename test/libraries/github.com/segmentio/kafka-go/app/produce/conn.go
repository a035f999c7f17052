package produce

import (
	"time"

	"github.com/segmentio/kafka-go"
)

// writeToConn writes to the first partition over a connection of its own; `how` is messages (by itself), bytes or
// compressed.
func (h *handler) writeToConn(o order) error {
	ctx, cancel := o.context()
	defer cancel()
	dialer := &kafka.Dialer{ClientID: o.Get("client")}
	conn, err := dialer.DialLeader(ctx, "tcp", o.broker, o.topic, o.Number("partition", 0))
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	messages := o.messages()
	switch o.Get("how") {
	case "bytes":
		_, err = conn.Write(messages[0].Value)
	case "compressed":
		_, err = conn.WriteCompressedMessages(kafka.Snappy.Codec(), messages...)
	default:
		_, err = conn.WriteMessages(messages...)
	}
	return err
}
