package produce

import (
	"github.com/segmentio/kafka-go"
)

// produce asks the broker by means of a client; `partition` may be one that is not there.
func (h *handler) produce(o order) error {
	ctx, cancel := o.context()
	defer cancel()
	client := &kafka.Client{Addr: o.address(), Transport: &kafka.Transport{ClientID: o.Get("client")}}
	defer client.Transport.(*kafka.Transport).CloseIdleConnections()
	var records []kafka.Record
	for _, message := range o.messages() {
		record := kafka.Record{Value: kafka.NewBytes(message.Value), Headers: message.Headers}
		if message.Key != nil {
			record.Key = kafka.NewBytes(message.Key)
		}
		records = append(records, record)
	}
	response, err := client.Produce(ctx, &kafka.ProduceRequest{
		Topic:        o.topic,
		Partition:    o.Number("partition", 0),
		RequiredAcks: kafka.RequireAll,
		Records:      kafka.NewRecordReader(records...),
	})
	if err != nil {
		return err
	}
	return response.Error
}
