/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The end of a call: a record for each of its messages, or one for all. */
#pragma once

#include "begin.h"
#include "events.h"
#include "record.h"

volatile const u64 write_errors_itab = 0;

/* Errors of one call that are looked at for the first that is one. */
#define MAX_ERRORS 1024

/* Where the first error of a kafka.WriteErrors is, an interface value; 0: not among those looked at. */
__attribute__((noinline)) u64 first_error(u64 errors, u64 length)
{
	for (u32 i = 0; i < MAX_ERRORS && i < length; i++) {
		u64 itab = 0;

		if (bpf_probe_read_user(&itab, sizeof(itab), (const void *)(errors + i * sizeof(struct go_iface))))
			return 0;
		if (itab)
			return errors + i * sizeof(struct go_iface);
	}
	return 0;
}

/* A text that was copied before. */
static __always_inline void keep_copied(struct texts *texts, struct text *text, const u8 *bytes, u64 length,
					const u32 max)
{
	u32 at = texts->length;

	if (!length || at > TEXT_BYTES - max)
		return;
	/* The compiler would make one comparison of both, of another number: verifiers up to 5.10 don't follow. */
	barrier_var(length);
	if (length > max || bpf_probe_read_kernel(texts->bytes + at, length, bytes))
		return;
	text->at = at;
	text->length = length;
	texts->length = at + length;
}

static __always_inline void tell_topic(struct kafka_send_record *r, const struct kafka_message *message)
{
	r->topic = (struct text){};
	if (message->topic_length)
		keep_copied(&r->texts, &r->topic, message->topic_bytes, message->topic_length, MAX_TOPIC);
	else
		keep_text(&r->texts, &r->topic, &message->topic, MAX_TOPIC);
}

static __always_inline void tell_key(struct kafka_send_record *r, const struct kafka_message *message)
{
	r->key = (struct text){};
	if (message->key_length)
		keep_copied(&r->texts, &r->key, message->key_bytes, message->key_length, MAX_KEY);
	else
		keep_text(&r->texts, &r->key, &message->identity.key, MAX_KEY);
	r->key_cut = message->identity.key.length > MAX_KEY;
	if (r->key_cut && message->key_length)
		count(COUNTER_text_truncated);
}

/*
 * The record of one message of this goroutine's call, of which kafka_tolds has what is common to all. The message is
 * forgotten. A global function, verified once and not for each message.
 */
__attribute__((noinline)) int tell_message(u64 goid, u64 index)
{
	struct kafka_message_key key = {.goid = goid, .index = index};
	struct kafka_message *message = bpf_map_lookup_elem(&kafka_messages, &key);
	struct kafka_told *told = bpf_map_lookup_elem(&kafka_tolds, &goid);
	struct kafka_failure failure = {};
	struct go_iface error = {};
	struct kafka_send_record *r;

	if (!message || !told) {
		count(COUNTER_unreadable);
		return 0;
	}
	r = &told->record;
	*(u64 *)r->span.span_id = send_span_id(told->span_id, index);
	if (!told->errors.data)
		error = told->error;
	else if (index < told->errors.length)
		read_user(&error, sizeof(error), told->errors.data + index * sizeof(error));
	read_failure(&failure, error.tab, error.data);
	r->failure = failure;
	r->offset = told->offset < 0 ? -1 : told->offset + (s64)index;
	r->has_body = 1;
	r->is_tombstone = !message->identity.value.data;
	r->body_size = message->identity.value.length;
	r->texts.length = told->common;
	if (told->own_topics)
		tell_topic(r, message);
	tell_key(r, message);
	submit(r, RECORD_SIZE(r));
	bpf_map_delete_elem(&kafka_messages, &key);
	return 0;
}

static __always_inline void tell_together(struct kafka_told *told, const struct kafka_send *send)
{
	struct kafka_send_record *r = &told->record;
	struct kafka_failure failure = {};
	struct go_iface error = told->error;
	u64 first = told->errors.data ? first_error(told->errors.data, told->errors.length) : 0;

	if (first)
		read_user(&error, sizeof(error), first);
	read_failure(&failure, error.tab, error.data);
	r->failure = failure;
	r->messages = send->messages;
	r->offset = told->offset;
	submit(r, RECORD_SIZE(r));
}

/* A record in the making; 0 without room for one. */
static __always_inline struct kafka_told *new_told(const struct kafka_send *send, u64 goid)
{
	struct kafka_told *told;

	if (bpf_map_update_elem(&kafka_tolds, &goid, &nothing_told, BPF_ANY) ||
	    !(told = bpf_map_lookup_elem(&kafka_tolds, &goid))) {
		count_times(COUNTER_in_flight_full, spans_of_send(send));
		forget_messages(goid, send->kept);
		return 0;
	}
	told->offset = -1;
	told->record.span = send->span;
	told->record.span.end_ns = bpf_ktime_get_ns();
	told->record.partition = send->partition;
	told->own_topics = !send->topic.length;
	__builtin_memcpy(told->span_id, send->span.span_id, sizeof(told->span_id));
	keep_text(&told->record.texts, &told->record.topic, &send->topic, MAX_TOPIC);
	return told;
}

/* kafka.WriteErrors is a slice, and an interface value points to it. */
static __always_inline void take_error(struct kafka_told *told, u64 itab, u64 data)
{
	told->error = (struct go_iface){.tab = itab, .data = data};
	if (itab && itab == write_errors_itab)
		read_user(&told->errors, sizeof(told->errors), data);
}

static __always_inline void tell_all(struct kafka_told *told, const struct kafka_send *send, u64 goid)
{
	told->common = told->record.texts.length;
	if (!send->kept)
		tell_together(told, send);
	for (u32 i = 0; i < MAX_SENDS && i < send->kept; i++)
		tell_message(goid, i);
	bpf_map_delete_elem(&kafka_tolds, &goid);
}

/* Not sampled, and not to be measured: the agent doesn't hear of it. */
static __always_inline void leave_out(const struct kafka_send *send, u64 goid)
{
	for (u32 i = 0; i < MAX_SENDS && i < spans_of_send(send); i++)
		count_unsampled(&send->span);
	forget_messages(goid, send->kept);
}
