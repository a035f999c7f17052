package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/apiversions"
	"github.com/segmentio/kafka-go/protocol/metadata"
	"github.com/segmentio/kafka-go/protocol/produce"
)

// received is one message as it came; also one that is refused.
type received struct {
	Number       int      `json:"number"`
	Refused      bool     `json:"refused"`
	Difference   string   `json:"difference"` // from what it was made with
	Added        []string `json:"added"`      // names of the headers behind its own
	TraceParents []string `json:"traceparents"`
	TraceStates  []string `json:"tracestates"`
	Baggages     []string `json:"baggages"`
	B3           []string `json:"b3"` // single and multi, one behind the other
}

const partitions = 3

const (
	notLeader       = 6
	messageTooLarge = 10
)

// topics are all that there are. A batch is refused so many times; a set of records has to have so many bytes or fewer.
var topics = []string{"plain", "refuse-2", "limit-20000"}

// decoder answers a Writer as a broker would, keeps no message, and writes down each that it gets.
type decoder struct {
	port int32
	old  bool // it knows message format 1 alone

	mutex    sync.Mutex
	lines    *json.Encoder
	attempts map[int]int // by the first message
}

func receive(arguments []string) {
	flags := flag.NewFlagSet("receive", flag.ExitOnError)
	out := flags.String("out", "received.jsonl", "")
	flags.String("pem", "", "for other receivers")
	flags.Parse(arguments)
	file, err := os.Create(*out)
	if err != nil {
		log.Fatal(err)
	}
	lines := json.NewEncoder(file)
	for port, old := range map[int]bool{port: false, portOfOld: true} {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			log.Fatal(err)
		}
		d := &decoder{port: int32(port), old: old, lines: lines, attempts: map[int]int{}}
		go d.serve(listener)
	}
	fmt.Println("ready")
	select {}
}

func (d *decoder) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer conn.Close()
			for {
				if err := d.answer(conn); err != nil {
					if !errors.Is(err, io.EOF) {
						log.Print(err)
					}
					return
				}
			}
		}()
	}
}

func (d *decoder) answer(conn net.Conn) error {
	head := make([]byte, 4)
	if _, err := io.ReadFull(conn, head); err != nil {
		return err
	}
	body := make([]byte, binary.BigEndian.Uint32(head))
	if _, err := io.ReadFull(conn, body); err != nil {
		return err
	}
	version, id, client, request, err := protocol.ReadRequest(bytes.NewReader(append(head, body...)))
	if err != nil {
		return err
	}
	var response protocol.Message
	switch r := request.(type) {
	case *apiversions.Request:
		response = d.versions()
	case *metadata.Request:
		response = d.metadata()
	case *produce.Request:
		response, err = d.produce(r, len(body)-len(client))
	default:
		err = fmt.Errorf("unexpected %T", request)
	}
	if err != nil {
		return err
	}
	return protocol.WriteResponse(conn, version, id, response)
}

func (d *decoder) versions() *apiversions.Response {
	newest := int16(7)
	if d.old {
		newest = 2
	}
	return &apiversions.Response{ApiKeys: []apiversions.ApiKeyResponse{
		{ApiKey: int16(protocol.Produce), MaxVersion: newest},
		{ApiKey: int16(protocol.Metadata), MaxVersion: 4},
		{ApiKey: int16(protocol.ApiVersions), MaxVersion: 0},
	}}
}

func (d *decoder) metadata() *metadata.Response {
	response := &metadata.Response{Brokers: []metadata.ResponseBroker{{NodeID: 1, Host: "127.0.0.1", Port: d.port}}, ControllerID: 1}
	for _, name := range topics {
		topic := metadata.ResponseTopic{Name: name}
		for i := int32(0); i < partitions; i++ {
			topic.Partitions = append(topic.Partitions, metadata.ResponsePartition{
				PartitionIndex: i, LeaderID: 1, ReplicaNodes: []int32{1}, IsrNodes: []int32{1},
			})
		}
		response.Topics = append(response.Topics, topic)
	}
	return response
}

// Bytes of a request of version 7 beside its set of records and the names in it: see kafka-go/protocol/produce.
const requestOverhead = 2 + 2 + 4 + 2 + 2 + 2 + 4 + 4 + 2 + 4 + 4 + 4

func (d *decoder) produce(r *produce.Request, size int) (*produce.Response, error) {
	topic := r.Topics[0]
	if len(r.Topics) != 1 || len(topic.Partitions) != 1 {
		return nil, errors.New("more than one partition")
	}
	partition := topic.Partitions[0]
	all, err := messagesOf(partition.RecordSet.Records)
	if err != nil {
		return nil, err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	code := d.refusal(topic.Topic, size-requestOverhead-len(topic.Topic), all)
	for _, m := range all {
		m.Refused = code != 0
		if err := d.lines.Encode(m); err != nil {
			return nil, err
		}
	}
	return &produce.Response{Topics: []produce.ResponseTopic{{
		Topic:      topic.Topic,
		Partitions: []produce.ResponsePartition{{Partition: partition.Partition, ErrorCode: code}},
	}}}, nil
}

func (d *decoder) refusal(topic string, size int, all []received) int16 {
	kind, last, _ := strings.Cut(topic, "-")
	number, _ := strconv.Atoi(last)
	switch kind {
	case "refuse":
		if d.attempts[all[0].Number]++; d.attempts[all[0].Number] <= number {
			return notLeader
		}
	case "limit":
		if size > number {
			return messageTooLarge
		}
	}
	return 0
}

func messagesOf(records protocol.RecordReader) (all []received, err error) {
	for {
		record, err := records.ReadRecord()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		m, err := messageFrom(record)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
}

func messageFrom(record *protocol.Record) (m received, err error) {
	key, err := protocol.ReadAll(record.Key)
	if err != nil {
		return m, err
	}
	value, err := protocol.ReadAll(record.Value)
	if err != nil {
		return m, err
	}
	if record.Value == nil {
		value = nil
	} else if value == nil {
		value = []byte{}
	}
	m.Number, err = strconv.Atoi(string(key))
	if err != nil {
		return m, err
	}
	m.Difference = difference(m.Number, value, record.Headers)
	m.note(record.Headers)
	return m, nil
}

func (m *received) note(headers []kafka.Header) {
	own := len(headersOf(m.Number))
	for i, header := range headers {
		value := string(header.Value)
		switch strings.ToLower(header.Key) {
		case "traceparent":
			m.TraceParents = append(m.TraceParents, value)
		case "tracestate":
			m.TraceStates = append(m.TraceStates, value)
		case "baggage":
			m.Baggages = append(m.Baggages, value)
		case "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled":
			m.B3 = append(m.B3, value)
		}
		if i >= own {
			m.Added = append(m.Added, header.Key)
		}
	}
}
