//go:build !v0_4_1

package consume

import (
	"fmt"

	"github.com/segmentio/kafka-go"
)

func setTopics(config *kafka.ReaderConfig, count int) {
	for i := 0; i < count; i++ {
		config.GroupTopics = append(config.GroupTopics, fmt.Sprintf("%s-%d", config.Topic, i))
	}
	config.Topic = ""
}
