/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What comes with a request about its trace: the remote parent, by traceparent or B3, and what goes on with the requests
 * that it makes. Who includes this has said which headers it wants, these among them: go_header.h, message_headers.h.
 */
#pragma once

#include "b3.h"
#include "found_headers.h"
#include "handed_on.h"
#include "sampling.h"
#include "text.h"

/* Up to `room` bytes of a header's value, which replace what is at `into`; its whole length. 0: not there. */
static __always_inline u64 read_value(u8 *into, const u32 room, u64 at)
{
	struct go_string value = read_string(at);
	u64 length = value.length > room ? room : value.length;

	barrier_var(length);
	if (!length || length > room || read_user(into, length, value.data))
		return 0;
	return value.length;
}

static __always_inline void read_b3(struct span_header *span, const struct found_headers *headers, u8 *text)
{
	u64 trace_id[2] = {}, parent_id = 0, length;

	if ((length = read_value(text, B3_LENGTH, headers->first_values[HEADER_b3]))) {
		parse_b3(text, length, span);
		return;
	}
	length = read_value(text, B3_TRACE_ID, headers->first_values[HEADER_b3_trace_id]);
	if (!b3_trace_id(text, length, (u8 *)trace_id) ||
	    read_value(text, B3_SPAN_ID, headers->first_values[HEADER_b3_span_id]) != B3_SPAN_ID ||
	    !b3_span_id(text, (u8 *)&parent_id))
		return;
	text[0] = 0;
	read_value(text, 1, headers->first_values[HEADER_b3_sampled]);
	take_b3(span, (u8 *)trace_id, (u8 *)&parent_id, b3_flags(text[0]));
}

/* Gives the span its remote parent, if there is one; 1: by traceparent. `room` is for the values, TEXT_BYTES. */
static __always_inline int read_remote_parent(struct span_header *span, const struct found_headers *headers,
					      const struct settings *settings, u8 *room)
{
	u64 length;

	if (settings->propagators & PROPAGATOR_tracecontext &&
	    (length = read_value(room, TRACEPARENT_LENGTH + 1, headers->first_values[HEADER_traceparent])))
		parse_traceparent(room, length, span);
	if (span->parent != PARENT_none)
		return 1;
	if (settings->propagators & (PROPAGATOR_b3 | PROPAGATOR_b3multi))
		read_b3(span, headers, room);
	return 0;
}

/* Remembers a header's value for the requests that this one makes. Takes the room, of TEXT_BYTES. */
static __attribute__((noinline)) void hand_on(struct handed_on *value, u64 at, u8 *room)
{
	u64 length;

	if (!at)
		return;
	value->text = read_string(at);
	length = value->text.length;
	/* As in keep_text. */
	barrier_var(length);
	if (length > MAX_HANDED_ON || read_user(room, length, value->text.data))
		return;
	sum_text(&value->sum, room, 0, length, TEXT_BYTES);
}
