/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The record of one message that was sent, or of a call's messages together. */
#pragma once

#include "../error.h"
#include "sends.h"
#include "text.h"

/* Together with a topic and a key they fit into a record's texts. */
#define MAX_BROKER 256
#define MAX_CLIENT_ID 128

struct kafka_send_record {
	struct span_header span;
	struct kafka_failure failure;
	/* Bytes of the one message. */
	u64 body_size;
	/* Of a record for several messages; 0: it is for one, or their number is not known. */
	u64 messages;
	/* -1: not known. */
	s64 offset;
	s32 partition;
	/* 1: the record is for one message, whose value is known, or that it has none. */
	u8 has_body;
	u8 is_tombstone;
	/* 1: the key is longer than what is here of it. */
	u8 key_cut;
	u8 _pad;
	struct text topic;
	struct text key;
	/* Whom the producer asks first: "127.0.0.1:9092". */
	struct text broker;
	struct text client_id;
	u32 _pad2;
	struct texts texts;
};

/* A call's end while it is told. */
struct kafka_told {
	/* kafka.WriteErrors: one for each message. */
	struct go_slice errors;
	/* The error of all of them. */
	struct go_iface error;
	/* The first message's. */
	u8 span_id[8];
	s64 offset;
	/* Bytes of the texts that all of its records have. */
	u32 common;
	/* 1: each message has a topic of its own. */
	u8 own_topics;
	u8 _pad[3];
	struct kafka_send_record record;
};

/* No more than there are threads in the middle of an end. Keyed by goroutine, as a program may be preempted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, u64);
	__type(value, struct kafka_told);
} kafka_tolds SEC(".maps");

/* What new entries are copied from: the stack has no room for them. */
static const struct kafka_told nothing_told;
