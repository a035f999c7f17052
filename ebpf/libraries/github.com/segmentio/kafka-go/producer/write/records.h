/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Where a record of the message format 2, which alone has headers, is about to be encoded. The record is a copy that the
 * Writer's reader of records makes of each message, one after the other in the same memory: its list of headers is
 * exchanged there, and what the application has stays as it is.
 */
#pragma once

#include "batches.h"
#include "slot_headers.h"

volatile const u16 writer_records_msgs = ABSENT;
volatile const u16 writer_records_index = ABSENT;
volatile const u16 writer_records_record = ABSENT;
volatile const u16 writer_records_key = ABSENT;
volatile const u16 writer_records_value = ABSENT;
volatile const u16 record_key = ABSENT;
volatile const u16 record_value = ABSENT;
volatile const u16 record_headers = ABSENT;

/* The head of a batch of records, which the Writer doesn't count among its bytes. */
#define RECORD_BATCH_HEAD 61

/*
 * Key or value of a record: nothing, or what the records' own reader of bytes, a bytes.Reader, begins with. 0: neither.
 */
static __always_inline int read_part(struct go_string *part, u64 field, u64 reader)
{
	struct go_iface bytes = {};

	if (bpf_probe_read_user(&bytes, sizeof(bytes), (const void *)field))
		return 0;
	if (!bytes.tab)
		return 1;
	return bytes.data == reader && !bpf_probe_read_user(part, sizeof(*part), (const void *)reader);
}

/* A message's parts in the record that was made of it. 0: it is no record of a Writer's. */
static __always_inline int read_record(struct message_identity *identity, struct go_slice *headers, u64 records)
{
	u64 record = records + writer_records_record;

	if (!read_part(&identity->key, record + record_key, records + writer_records_key) ||
	    !read_part(&identity->value, record + record_value, records + writer_records_value) ||
	    bpf_probe_read_user(headers, sizeof(*headers), (const void *)(record + record_headers)))
		return 0;
	identity->headers.data = headers->data;
	identity->headers.length = headers->length;
	return 1;
}

/* The batch whose messages these records are of; 0: of none that is known. The record is its `index`th. */
static __always_inline const struct sent_batch *batch_of(u64 records, u64 index)
{
	struct go_string messages = {};
	u64 next = 0;

	if (bpf_probe_read_user(&messages, sizeof(messages), (const void *)(records + writer_records_msgs)) ||
	    bpf_probe_read_user(&next, sizeof(next), (const void *)(records + writer_records_index)) ||
	    next != index + 1 || index >= messages.length)
		return 0;
	return bpf_map_lookup_elem(&sent_batches, &messages.data);
}

/* What the batch was told about its `index`th message; 0: nothing, or not surely of this one. */
static __always_inline const struct queued_message *queued_message(const struct sent_batch *sent, u64 index)
{
	struct queued_key place = {sent->batch, index};
	const struct queued_message *message = bpf_map_lookup_elem(&queued_messages, &place);

	return message && same_time(&message->time, &sent->time) && message->epoch == epoch && sent->epoch == epoch
		       ? message
		       : 0;
}

/* Bytes that may be added to the batch before it is larger than the Writer lets batches be. */
static __always_inline u64 room_in(const struct sent_batch *sent, u64 max_bytes)
{
	u64 bytes = 0;

	if (bpf_probe_read_user(&bytes, sizeof(bytes), (const void *)(sent->batch + write_batch_bytes)))
		return 0;
	bytes += RECORD_BATCH_HEAD;
	return bytes < max_bytes ? max_bytes - bytes : 0;
}

static __always_inline enum outgoing_count add_context(struct pt_regs *ctx, u64 records,
							const struct sent_batch *sent,
							const struct queued_message *message)
{
	struct message_identity identity = {};
	struct go_slice headers = {};
	struct added_headers added = {
		.context = message->context,
		.tracestate = message->tracestate,
		.baggage = message->baggage,
	};

	if (!read_record(&identity, &headers, records))
		return OUTGOING_unreadable;
	if (!same_message(&identity, &message->identity))
		return OUTGOING_not_http;
	added.room = room_in(sent, message->max_bytes);
	return put_headers(ctx, current_goid(ctx), records + writer_records_record + record_headers, &headers, &added,
			   propagators_on());
}

/* protocol.(*RecordSet).writeToVersion2's own function for each of its records: (index, *Record). */
static __always_inline void record_read(struct pt_regs *ctx)
{
	u64 index = GO_ARG0(ctx);
	u64 records = GO_ARG1(ctx) - writer_records_record;
	const struct sent_batch *sent;
	const struct queued_message *message;

	if (STACK_CHECK_FAILS(ctx) || !propagators_on())
		return;
	sent = batch_of(records, index);
	message = sent ? queued_message(sent, index) : 0;
	if (message)
		count_outgoing(add_context(ctx, records, sent, message));
}

/* Behind the last record. */
static __always_inline void records_written(struct pt_regs *ctx)
{
	release_slot(current_goid(ctx));
}
