// Package topics makes what is written to, for the broker does not do so by itself.
package topics

import (
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

const patience = 20 * time.Second

// Create makes a topic unless it is there, and waits until each partition has its leader.
func Create(broker, topic string, partitions int) error {
	conn, err := kafka.Dial("tcp", broker)
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline := time.Now().Add(patience)
	conn.SetDeadline(deadline)
	err = conn.CreateTopics(kafka.TopicConfig{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1})
	if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
		return err
	}
	for time.Now().Before(deadline) {
		if led(conn, topic) >= partitions {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("topic %s has no leaders", topic)
}

func led(conn *kafka.Conn, topic string) (count int) {
	found, err := conn.ReadPartitions(topic)
	if err != nil {
		return 0
	}
	for _, partition := range found {
		if partition.Leader.Host != "" {
			count++
		}
	}
	return count
}
