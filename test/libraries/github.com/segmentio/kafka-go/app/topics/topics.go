// Package topics makes what is written to, for the broker does not do so by itself.
package topics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

const patience = 20 * time.Second

// Create makes a topic unless it is there, and waits until each partition's leader answers.
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
	for partition := 0; partition < partitions; {
		if err := ask(broker, topic, partition); err == nil {
			partition++
		} else if time.Now().After(deadline) {
			return fmt.Errorf("nobody leads topic %s: %w", topic, err)
		} else {
			time.Sleep(10 * time.Millisecond)
		}
	}
	return nil
}

// ask fails as long as the leader of a partition does not know that it is.
func ask(broker, topic string, partition int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := kafka.DialLeader(ctx, "tcp", broker, topic, partition)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	_, err = conn.ReadLastOffset()
	return err
}
