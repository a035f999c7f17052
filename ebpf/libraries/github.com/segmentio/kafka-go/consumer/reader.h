/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What a *kafka.Reader and a kafka.Message say, and where in the target's memory. */
#pragma once

#include "fetch.h"

#include "../message.h"

volatile const u16 reader_config = ABSENT;
volatile const u16 config_brokers = ABSENT;
volatile const u16 config_group = ABSENT;
volatile const u16 config_topic = ABSENT;
volatile const u16 config_dialer = ABSENT;
volatile const u16 dialer_client_id = ABSENT;

volatile const u16 message_partition = ABSENT;
volatile const u16 message_offset = ABSENT;
volatile const u16 header_key = ABSENT;
/* The last field, a slice. */
volatile const u16 header_value = ABSENT;

/* The code of (*Reader).ReadMessage. */
volatile const u64 read_message_from = 0;
volatile const u64 read_message_to = 0;

#define HEADER_STRIDE (header_value + sizeof(struct go_slice))

struct kafka_message {
	struct go_string topic;
	struct go_string key;
	struct go_string value;
	s64 partition;
	s64 offset;
};

static __always_inline void read_message(struct kafka_message *message, u64 at)
{
	read_user(&message->topic, sizeof(message->topic), at + message_topic);
	read_user(&message->partition, sizeof(message->partition), at + message_partition);
	read_user(&message->offset, sizeof(message->offset), at + message_offset);
	read_user(&message->key, sizeof(message->key), at + message_key);
	read_user(&message->value, sizeof(message->value), at + message_value);
}

static __always_inline int has_group(u64 reader)
{
	return read_string(reader + reader_config + config_group).length != 0;
}

static __always_inline u64 line_of_message(u64 reader, const struct go_string *topic, u64 partition)
{
	return line_of(reader, topic->data, topic->length, partition);
}

/* Whether the function that was entered is called by ReadMessage. */
static __always_inline int is_called_by_read_message(struct pt_regs *ctx)
{
	u64 address = return_address(ctx);

	return address > read_message_from && address <= read_message_to;
}

/* What all spans of a reader have. */
static __always_inline void keep_reader(struct kafka_consumer_record *r, u64 reader)
{
	u64 config = reader + reader_config;
	struct go_string group = read_string(config + config_group);
	struct go_slice brokers = {};
	u64 dialer = config_dialer == ABSENT ? 0 : read_word(config + config_dialer);

	keep_text(&r->texts, &r->group, &group, MAX_GROUP);
	if (!read_user(&brokers, sizeof(brokers), config + config_brokers) && brokers.length == 1) {
		struct go_string broker = read_string(brokers.data);

		keep_text(&r->texts, &r->broker, &broker, MAX_BROKER);
	}
	if (dialer && dialer_client_id != ABSENT) {
		struct go_string client_id = read_string(dialer + dialer_client_id);

		keep_text(&r->texts, &r->client_id, &client_id, MAX_CLIENT_ID);
	}
}
