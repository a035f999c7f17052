/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* A log record that the program writes, as an event of the span that it belongs to. Its fields stay in the program. */
#pragma once

#include "addition.h"
#include "text.h"

/* The name of the logger follows, in `logger_room` bytes, and the message. */
struct log_record {
	struct addition addition;
	/* Where the message is in the target's memory. */
	u64 message_at;
	u64 message_length;
	/* The library's own number. */
	s32 level;
	/* Bytes of the message that are here: 0 also where they couldn't be read. */
	u16 kept;
	u8 logger_length;
	u8 logger_room;
};

/* Most bytes of each; of names a constant, 0 for libraries whose loggers have none. */
#define MAX_MESSAGE 1024
#define MAX_LOGGER 64

static __always_inline void keep_logger(struct log_record *record, const struct go_string *name, const u32 room)
{
	u64 length = name->length;

	record->logger_room = room;
	if (!room)
		return;
	if (length > room)
		length = room;
	/* The compiler knows the bound and would drop the check that the verifier wants to see. */
	barrier_var(length);
	if (length > room || !length || bpf_probe_read_user(record + 1, length, (const void *)name->data))
		return;
	record->logger_length = length;
}

/* A constant that the program uses for the first time may not be in its memory yet: then the agent reads it. */
static __always_inline void keep_message(struct log_record *record, const struct go_string *message,
					 const u32 logger_room, const u32 room)
{
	u64 length = message->length;

	record->message_at = message->data;
	record->message_length = message->length;
	if (length > room)
		length = room;
	barrier_var(length);
	if (length > room || !length ||
	    bpf_probe_read_user((u8 *)(record + 1) + logger_room, length, (const void *)message->data))
		return;
	record->kept = length;
}

/* All but its texts. Not inlined: for its type's BTF. */
static __attribute__((noinline)) void begin_log(struct log_record *record, const struct open_span *span, s32 level)
{
	begin_addition(&record->addition, span);
	record->addition.events = 1;
	record->level = level;
	record->kept = 0;
	record->logger_length = 0;
}

/* Copies at most `room` bytes of the message, a constant: a record's size on the ring must be one. */
static __always_inline void send_log(const struct open_span *span, s32 level, const struct go_string *logger,
				     const u32 logger_room, const struct go_string *message, const u32 room)
{
	const u32 size = sizeof(struct log_record) + logger_room + room;
	struct log_record *record = bpf_ringbuf_reserve(&events, size, 0);

	if (!record) {
		count(COUNTER_additions_lost);
		return;
	}
	begin_log(record, span, level);
	keep_logger(record, logger, logger_room);
	keep_message(record, message, logger_room, room);
	bpf_ringbuf_submit(record, wake_flags(size));
}

/* Of a record with this context, which may be all zero, that the program's own filters have let through. */
static __always_inline void add_log(struct pt_regs *ctx, const struct go_iface *context, s32 level,
				    const struct go_string *logger, const u32 logger_room,
				    const struct go_string *message)
{
	const struct open_span *span = addressee(ctx, context);

	if (!span)
		return;
	if (message->length > MAX_MESSAGE)
		count(COUNTER_text_truncated);
	if (message->length <= 64)
		send_log(span, level, logger, logger_room, message, 64);
	else if (message->length <= 256)
		send_log(span, level, logger, logger_room, message, 256);
	else
		send_log(span, level, logger, logger_room, message, MAX_MESSAGE);
}
