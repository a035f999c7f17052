module kafkaapp

go 1.22

require (
	github.com/lib/pq v1.10.9
	github.com/segmentio/kafka-go v0.4.35
)

require (
	github.com/klauspost/compress v1.15.7 // indirect
	github.com/pierrec/lz4/v4 v4.1.15 // indirect
)
