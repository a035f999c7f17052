/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The beginning of a call that sends messages: they are read here, as the slice may lie on the caller's stack, which
 * moves when it grows.
 */
#pragma once

#include "../message.h"
#include "sends.h"
#include "text.h"

/* What is known of a call as it begins. */
struct sending {
	u64 owner;
	u64 address;
	struct go_iface context;
	/* The kafka.Messages; a length of 0: their number is not known. */
	struct go_slice messages;
	/* Of all messages; none: each has its own. */
	struct go_string topic;
	/* Where the call will return to, at a call that has not been made yet; 0: at its function's entry. */
	u64 return_address;
	s32 partition;
	enum kafka_sender sender;
};

/* What new entries are copied from: the stack has no room for them. */
static const struct kafka_send no_send;
static const struct kafka_message no_message;

/* Of a call with so many messages. */
static __always_inline u64 spans_of(u64 messages)
{
	return messages && messages <= MAX_SENDS ? messages : 1;
}

/* Of a call that is under way. */
static __always_inline u64 spans_of_send(const struct kafka_send *send)
{
	return send->kept ? send->kept : 1;
}

static __always_inline void forget_messages(u64 goid, u32 kept)
{
	for (u32 i = 0; i < MAX_SENDS && i < kept; i++) {
		struct kafka_message_key key = {.goid = goid, .index = i};

		bpf_map_delete_elem(&kafka_messages, &key);
	}
}

/* As much of a text as is in memory: a constant whose page has not been used before is not. */
static __always_inline u16 copy_text(u8 *into, const u32 max, const struct go_string *text)
{
	u64 length = text->length;

	if (!length)
		return 0;
	if (length > max)
		length = max;
	/* As in keep_text. */
	barrier_var(length);
	if (length > max || bpf_probe_read_user(into, length, (const void *)text->data))
		return 0;
	return length;
}

/*
 * Keeps the kafka.Message at `at`, the call's message of this index; 1: there is no room. A global function, so that it
 * is verified once and not for each message.
 */
__attribute__((noinline)) int keep_message(u64 goid, u64 index, u64 at, u32 with_texts)
{
	struct kafka_message_key key = {.goid = goid, .index = index};
	struct kafka_message *message;

	if (bpf_map_update_elem(&kafka_messages, &key, &no_message, BPF_ANY))
		return 1;
	message = bpf_map_lookup_elem(&kafka_messages, &key);
	if (!message)
		return 1;
	message->identity.value = read_string(at + message_value);
	message->identity.key = read_string(at + message_key);
	message->identity.headers = read_string(at + message_headers);
	if (!with_texts)
		return 0;
	message->topic = read_string(at + message_topic);
	message->topic_length = copy_text(message->topic_bytes, MAX_TOPIC, &message->topic);
	message->key_length = copy_text(message->key_bytes, MAX_KEY, &message->identity.key);
	return 0;
}

/* How many are kept: all or none. */
static __always_inline u32 keep_messages(u64 goid, const struct go_slice *messages, u32 with_texts)
{
	if (messages->length > MAX_SENDS)
		return 0;
	for (u32 i = 0; i < MAX_SENDS && i < messages->length; i++) {
		if (!keep_message(goid, i, messages->data + i * MESSAGE_SIZE, with_texts))
			continue;
		forget_messages(goid, i);
		return 0;
	}
	return messages->length;
}

/* A global function, verified once. */
__attribute__((noinline)) int is_same_text(u64 a, u64 b, u64 length)
{
	for (u32 i = 0; i < MAX_TOPIC && i < length; i += sizeof(u64)) {
		u64 left = length - i, word_a = 0, word_b = 0;

		if (left > sizeof(u64))
			left = sizeof(u64);
		barrier_var(left);
		if (left > sizeof(u64) || bpf_probe_read_user(&word_a, left, (const void *)(a + i)) ||
		    bpf_probe_read_user(&word_b, left, (const void *)(b + i)) || word_a != word_b)
			return 0;
	}
	return 1;
}

/* Messages of one call whose topics are compared. With more the topic is not told, unless it is the writer's. */
#define MAX_COMPARED 1024

/* Whether all of these messages have the same topic. */
__attribute__((noinline)) int have_one_topic(u64 messages, u64 length)
{
	struct go_string first = read_string(messages + message_topic);

	if (length > MAX_COMPARED)
		return 0;
	for (u32 i = 1; i < MAX_COMPARED && i < length; i++) {
		struct go_string next = {};

		if (bpf_probe_read_user(&next, sizeof(next),
					(const void *)(messages + i * MESSAGE_SIZE + message_topic)) ||
		    next.length != first.length)
			return 0;
		if (next.data != first.data && !is_same_text(next.data, first.data, first.length))
			return 0;
	}
	return 1;
}

/* What is left of a call that a panic has ended, or that this one is in the middle of (a Balancer that sends). */
static __always_inline void give_up(u64 goid)
{
	struct kafka_send *send = bpf_map_lookup_elem(&kafka_sends, &goid);

	if (!send)
		return;
	count_times(COUNTER_superseded, spans_of_send(send));
	close_operation(&send->open, goid);
	forget_messages(goid, send->kept);
	bpf_map_delete_elem(&kafka_sends, &goid);
}

/* The same at a function's entry, also where it begins nothing: its return must not be taken for the other's. */
static __always_inline void give_up_ended(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	const struct kafka_send *send = bpf_map_lookup_elem(&kafka_sends, &goid);

	if (send && stack_depth(ctx) <= send->open.self.depth)
		give_up(goid);
}

static __always_inline struct kafka_send *new_send(u64 goid, u64 spans)
{
	if (!goid || bpf_map_update_elem(&kafka_sends, &goid, &no_send, BPF_ANY)) {
		count_times(goid ? COUNTER_in_flight_full : COUNTER_unreadable, spans);
		return 0;
	}
	return bpf_map_lookup_elem(&kafka_sends, &goid);
}

/* The return address isn't on the stack yet. */
static __always_inline void stand_at_entry(struct kafka_send *send, u64 return_address, u64 goid)
{
	send->open.self.word_at_depth = return_address;
	bpf_map_update_elem(&open_spans, &goid, &send->open.self, BPF_EXIST);
}

static __attribute__((noinline)) void begin(struct pt_regs *ctx, const struct sending *sending)
{
	u64 goid = current_goid(ctx);
	u64 spans = spans_of(sending->messages.length);
	struct kafka_send *send;

	give_up(goid);
	send = new_send(goid, spans);
	if (!send) {
		count_times(COUNTER_started, spans);
		return;
	}
	send->span.start_ns = bpf_ktime_get_ns();
	send->span.record.library = library_id;
	send->owner = sending->owner;
	send->address = sending->address;
	send->sender = sending->sender;
	send->partition = sending->partition;
	send->messages = sending->messages.length;
	send->topic = sending->topic;
	send->open.self.depth = stack_depth(ctx) + (sending->return_address ? sizeof(u64) : 0);
	open_operation(&send->open, &send->span, &sending->context, goid, ctx);
	if (sending->return_address)
		stand_at_entry(send, sending->return_address, goid);
	send->kept = keep_messages(goid, &sending->messages, send->span.is_wanted);
	send->open.self.spans = send->kept;
	count_times(COUNTER_started, spans_of_send(send));
	/* Of several messages none is the one that something within the call is for. */
	if (send->kept > 1)
		close_operation(&send->open, goid);
	if (!send->kept && send->messages && !send->topic.length &&
	    have_one_topic(sending->messages.data, send->messages))
		send->topic = read_string(sending->messages.data + message_topic);
}
