/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Calls of kafka-go that send messages, while they go on, and their messages. The write tier reads both tables: all
 * objects of a target have them in common.
 */
#pragma once

#include "open_span.h"

/* A call with more messages has one span for all of them. */
#define MAX_SENDS 10

#define MAX_TOPIC 249
#define MAX_KEY 128

/* The function that the call is of. */
enum kafka_sender {
	SENDER_writer,
	SENDER_conn,
	SENDER_client,
} __attribute__((packed));

struct kafka_send {
	struct open_operation open;
	/* Its first message's, or that of all: see send_context. */
	struct span_header span;
	/* The *kafka.Writer, *kafka.Conn or *kafka.Client. */
	u64 owner;
	/* Where its broker's net.Addr is in the target's memory; 0: not looked for. */
	u64 address;
	/* Messages; 0: not known. */
	u64 messages;
	/* Of all messages, where it is known and the same; what is at `topic` of the target's memory. */
	struct go_string topic;
	/* How many of its messages have an entry of their own and a span of their own; 0: there is one span for all. */
	u32 kept;
	s32 partition;
	enum kafka_sender sender;
	u8 _pad[7];
};

/* Keyed by goroutine: a call ends where it began. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct kafka_send);
} kafka_sends SEC(".maps");

/* What tells one message of a call from another: where its parts lie, and how long they are, as the call was entered. */
struct message_identity {
	struct go_string value;
	struct go_string key;
	struct go_string headers;
};

struct kafka_message {
	struct message_identity identity;
	/* Of these two as much as was in memory when the call began. */
	struct go_string topic;
	u16 topic_length;
	u16 key_length;
	u8 _pad[3];
	u8 topic_bytes[MAX_TOPIC];
	u8 key_bytes[MAX_KEY];
};

struct kafka_message_key {
	u64 goid;
	/* Among the messages of the call. */
	u64 index;
};

/* For 1,600 calls of ten messages at the same moment; a call that finds no room has one span for all. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct kafka_message_key);
	__type(value, struct kafka_message);
} kafka_messages SEC(".maps");

/* Span ids of a call's messages differ from the first one's by their index, and none is zero. */
static __always_inline u64 send_span_id(const u8 *first, u32 index)
{
	u64 id = *(const u64 *)first ^ index;

	return id ? id : ~0ULL;
}

/* The context that a message of this call is to carry: its own span's, or that of the span for all. */
static __always_inline void send_context(struct span_context *context, const struct kafka_send *send, u32 index)
{
	context_of(context, &send->span);
	if (send->kept)
		*(u64 *)context->span_id = send_span_id(send->span.span_id, index);
}
