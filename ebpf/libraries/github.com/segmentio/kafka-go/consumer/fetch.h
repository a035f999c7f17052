/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* A goroutine that fetches messages, and the record of a message, or of a call that brought none. */
#pragma once

#include "message_headers.h"
#include "open_span.h"

#include "incoming.h"
#include "lasting.h"
#include "text.h"

#include "../error.h"

/* Most bytes of each text. */
#define MAX_TOPIC 249
#define MAX_KEY 128
#define MAX_GROUP 128
#define MAX_CLIENT_ID 64
#define MAX_BROKER 128
#define MAX_TRACESTATE 512

struct kafka_consumer_record {
	/* As struct lasting_span. */
	struct span_header span;
	struct lasting lasting;
	/* Of a call that brought no message. */
	struct kafka_failure failure;
	s64 partition;
	s64 offset;
	u64 body_size;
	u8 is_tombstone;
	u8 key_is_cut;
	u16 _pad;
	struct text topic;
	struct text group;
	struct text client_id;
	struct text broker;
	struct text key;
	struct text tracestate;
	struct texts texts;
};

_Static_assert(__builtin_offsetof(struct kafka_consumer_record, lasting) ==
		       __builtin_offsetof(struct lasting_span, lasting),
	       "a record that lasts begins as lasting.h says");

/* What a goroutine does that asks for messages. */
struct kafka_fetch {
	/* The message that it has, its ids first: src/session/forget-operations.ts. */
	struct span_context message;
	/* The *kafka.Reader, the context of the call, its start, and the stack in use at its entry. */
	u64 reader;
	struct go_iface context;
	u64 start_ns;
	u64 depth;
	/* The processor that it was on when its message came: started_for.h. */
	u64 processor;
	/* Where its message is acknowledged, and its place there: lasting.h. 0: it ends where the next one is asked for. */
	u64 line;
	u64 position;
	/* 1: a call goes on. */
	u8 is_waiting;
	/* 1: it was called by (*Reader).ReadMessage, which commits by itself. */
	u8 is_read;
	u8 has_message;
	/* 1: the agent waits for the end of its message. */
	u8 is_told;
	/* 1: it has waited for one of this goroutine. */
	u8 is_known;
	u8 _pad[3];
};

/*
 * By goroutine. One that has ended leaves its entry behind, as nothing tells of its end: so the oldest go, and with
 * more goroutines than these that wait for messages at one moment the calls of some are not seen to return.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct kafka_fetch);
} kafka_fetches SEC(".maps");

static const struct kafka_fetch no_fetch;

/* A message while its record is made: too large for the stack, and gone when the program is. */
struct kafka_fetched {
	struct open_span open;
	struct found_headers headers;
	struct kafka_consumer_record record;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct kafka_fetched);
} kafka_fetched_messages SEC(".maps");

static const struct kafka_fetched nothing_fetched;

static __always_inline struct kafka_fetched *fetched_by(u64 goid)
{
	return bpf_map_lookup_elem(&kafka_fetched_messages, &goid);
}

static __always_inline struct found_headers *found_headers(u64 goid)
{
	struct kafka_fetched *fetched = fetched_by(goid);

	return fetched ? &fetched->headers : 0;
}
