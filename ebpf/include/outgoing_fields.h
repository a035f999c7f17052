/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Trace context as fields of HTTP/2, in the formats of OTEL_PROPAGATORS: literals without indexing (RFC 7541, 6.2.2), so
 * that the dynamic table of the connection stays what both sides think it is. They go behind the block's own fields.
 */
#pragma once

#include "outgoing_lines.h"

/* Literal without indexing, new name; the name's and value's lengths are single bytes below 127. */
#define LITERAL "\x00"

/* An integer with a prefix of seven bits (RFC 7541, 5.1), below 127 + 16384. Its place is reserved by the caller. */
static __always_inline u32 put_length(u8 *place, u32 length)
{
	u32 rest = length - 127;

	if (length < 127) {
		place[0] = length;
		return 1;
	}
	place[0] = 127;
	place[1] = rest < 128 ? rest : 128 | (rest & 127);
	place[2] = rest >> 7;
	return rest < 128 ? 2 : 3;
}

#define MAX_LENGTH_BYTES 3

/* The value of a field whose name stands already, from `before` on: that goes again when there is no value. */
static __attribute__((noinline)) int append_field_value(struct outgoing_head *head, const struct handed_on *value,
							u32 before)
{
	u32 at = head->length;
	u64 length = value->text.length;

	barrier_var(at);
	if (length <= OUTGOING_VALUE && at <= OUTGOING_BYTES - OUTGOING_VALUE - MAX_LENGTH_BYTES) {
		at += put_length(head->text + at, length);
		barrier_var(at);
		barrier_var(length);
		if (length <= OUTGOING_VALUE && at <= OUTGOING_BYTES - OUTGOING_VALUE &&
		    !bpf_probe_read_user(head->text + at, length, (const void *)value->text.data) &&
		    is_unchanged(head, at, length, value->sum)) {
			head->length = at + length;
			return 1;
		}
	}
	count_outgoing(OUTGOING_left_out);
	head->length = before;
	return 0;
}

/*
 * `tracestate` and `baggage` are in the target's memory; both may be empty. Bytes of the fields without which the others
 * make no sense: they come first.
 */
static __always_inline u32 append_fields(struct outgoing_head *head, u32 formats, const struct span_context *span,
					 const struct handed_on *tracestate, const struct handed_on *baggage)
{
	u8 sampled = span->trace_flags & FLAG_SAMPLED;
	u32 needed, before;

	if (formats & PROPAGATOR_tracecontext) {
		APPEND(head, LITERAL "\x0b" "traceparent" "\x37" "00-");
		append_id(head, span);
		if (sampled)
			APPEND(head, "-01");
		else
			APPEND(head, "-00");
	}
	if (formats & PROPAGATOR_b3) {
		APPEND(head, LITERAL "\x02" "b3" "\x33");
		append_id(head, span);
		if (sampled)
			APPEND(head, "-1");
		else
			APPEND(head, "-0");
	}
	if (formats & PROPAGATOR_b3multi) {
		APPEND(head, LITERAL "\x0c" "x-b3-traceid" "\x20");
		append_trace_id(head, span);
		APPEND(head, LITERAL "\x0b" "x-b3-spanid" "\x10");
		append_span_id(head, span);
		if (sampled)
			APPEND(head, LITERAL "\x0c" "x-b3-sampled" "\x01" "1");
		else
			APPEND(head, LITERAL "\x0c" "x-b3-sampled" "\x01" "0");
	}
	needed = head->length;
	if (formats & PROPAGATOR_tracecontext && tracestate->text.length) {
		before = head->length;
		APPEND(head, LITERAL "\x0a" "tracestate");
		append_field_value(head, tracestate, before);
	}
	if (formats & PROPAGATOR_baggage && baggage->text.length) {
		before = head->length;
		APPEND(head, LITERAL "\x07" "baggage");
		append_field_value(head, baggage, before);
	}
	return needed;
}

/* What each field counts beside its name and its value in a list of headers: RFC 9113, 6.5.2. */
#define FIELD_OVERHEAD 32

/*
 * What `length` bytes of such fields come to in a list of headers, or a few bytes more: the lengths of their names and
 * values are among them.
 */
static __always_inline u32 list_size(u32 length, u32 formats, u32 tracestate_length, u32 baggage_length)
{
	u32 fields = 0;

	if (formats & PROPAGATOR_tracecontext)
		fields += tracestate_length ? 2 : 1;
	if (formats & PROPAGATOR_b3)
		fields += 1;
	if (formats & PROPAGATOR_b3multi)
		fields += 3;
	if (formats & PROPAGATOR_baggage && baggage_length)
		fields += 1;
	return length + fields * FIELD_OVERHEAD;
}
