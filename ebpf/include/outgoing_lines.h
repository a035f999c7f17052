/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Trace context as header lines of HTTP/1, in the formats of OTEL_PROPAGATORS. */
#pragma once

#include "go.h"
#include "outgoing.h"
#include "traceparent.h"

/* Where the next `size` bytes of the text, a constant, go; 0 without room for them. */
static __always_inline u8 *place_for(struct outgoing_head *head, const u32 size)
{
	u32 at = head->length;

	barrier_var(at);
	if (at > OUTGOING_BYTES - size)
		return 0;
	head->length = at + size;
	return head->text + at;
}

#define APPEND(head, literal)                                                                                  \
	do {                                                                                                   \
		u8 *place = place_for(head, sizeof(literal) - 1);                                              \
		if (place)                                                                                     \
			__builtin_memcpy(place, literal, sizeof(literal) - 1);                                 \
	} while (0)

/*
 * Four bytes as eight lower-case hex digits, all at once: each nibble becomes a byte, and one of 10 and more gets the
 * distance from '9' + 1 to 'a' on top.
 */
static __always_inline void hex_digits(const u8 *bytes, u8 *digits)
{
	u64 v = *(const u32 *)bytes;
	u64 letters;

	v = (v | (v << 16)) & 0x0000ffff0000ffffULL;
	v = (v | (v << 8)) & 0x00ff00ff00ff00ffULL;
	v = ((v >> 4) | (v << 8)) & EACH_BYTE(0x0f);
	letters = ((v + EACH_BYTE(6)) >> 4) & EACH_BYTE(1);
	v += EACH_BYTE('0') + letters * ('a' - '0' - 10);
	__builtin_memcpy(digits, &v, sizeof(v));
}

static __attribute__((noinline)) void append_span_id(struct outgoing_head *head, const struct span_context *span)
{
	u8 *digits = place_for(head, 2 * sizeof(span->span_id));

	if (!digits)
		return;
	for (u32 i = 0; i < sizeof(span->span_id); i += 4)
		hex_digits(span->span_id + i, digits + 2 * i);
}

static __attribute__((noinline)) void append_trace_id(struct outgoing_head *head, const struct span_context *span)
{
	u8 *digits = place_for(head, 2 * sizeof(span->trace_id));

	if (!digits)
		return;
	for (u32 i = 0; i < sizeof(span->trace_id); i += 4)
		hex_digits(span->trace_id + i, digits + 2 * i);
}

static __always_inline void append_id(struct outgoing_head *head, const struct span_context *span)
{
	append_trace_id(head, span);
	APPEND(head, "-");
	append_span_id(head, span);
}

/* Whether the `length` bytes at `at` are still what came with the request, and may go on. */
static __attribute__((noinline)) int is_unchanged(struct outgoing_head *head, u32 at, u32 length, u64 sum)
{
	sum_text(&head->sum, head->text, at, length, OUTGOING_BYTES);
	return sum && head->sum == sum;
}

/* Whether the value of a header may go on; one that is too long, or no longer there, is counted. */
static __attribute__((noinline)) int append_value(struct outgoing_head *head, const struct handed_on *value)
{
	u32 at = head->length;
	u64 length = value->text.length;

	barrier_var(at);
	barrier_var(length);
	if (length > OUTGOING_VALUE || at > OUTGOING_BYTES - OUTGOING_VALUE - 2 ||
	    bpf_probe_read_user(head->text + at, length, (const void *)value->text.data) ||
	    !is_unchanged(head, at, length, value->sum)) {
		count_outgoing(OUTGOING_left_out);
		return 0;
	}
	head->length = at + length;
	APPEND(head, "\r\n");
	return 1;
}

static __attribute__((noinline)) void append_tracecontext(struct outgoing_head *head, const struct span_context *span,
						const struct handed_on *tracestate)
{
	u32 before;

	APPEND(head, "Traceparent: 00-");
	append_id(head, span);
	if (span->trace_flags & FLAG_SAMPLED)
		APPEND(head, "-01\r\n");
	else
		APPEND(head, "-00\r\n");
	if (!tracestate->text.length)
		return;
	before = head->length;
	APPEND(head, "Tracestate: ");
	if (!append_value(head, tracestate))
		head->length = before;
}

static __attribute__((noinline)) void append_b3(struct outgoing_head *head, const struct span_context *span)
{
	APPEND(head, "b3: ");
	append_id(head, span);
	if (span->trace_flags & FLAG_SAMPLED)
		APPEND(head, "-1\r\n");
	else
		APPEND(head, "-0\r\n");
}

static __attribute__((noinline)) void append_b3_multi(struct outgoing_head *head, const struct span_context *span)
{
	APPEND(head, "X-B3-TraceId: ");
	append_trace_id(head, span);
	APPEND(head, "\r\nX-B3-SpanId: ");
	append_span_id(head, span);
	if (span->trace_flags & FLAG_SAMPLED)
		APPEND(head, "\r\nX-B3-Sampled: 1\r\n");
	else
		APPEND(head, "\r\nX-B3-Sampled: 0\r\n");
}

/* Last, so that it can be left away where the application sends one itself. */
static __attribute__((noinline)) void append_baggage(struct outgoing_head *head, const struct handed_on *baggage)
{
	u32 before = head->length;

	APPEND(head, "Baggage: ");
	if (append_value(head, baggage))
		head->baggage = head->length - before;
	else
		head->length = before;
}

/* `tracestate` and `baggage` are in the target's memory; both may be empty. */
static __always_inline void append_lines(struct outgoing_head *head, u32 propagators, const struct span_context *span,
					 const struct handed_on *tracestate, const struct handed_on *baggage)
{
	if (propagators & PROPAGATOR_tracecontext)
		append_tracecontext(head, span, tracestate);
	if (propagators & PROPAGATOR_b3)
		append_b3(head, span);
	if (propagators & PROPAGATOR_b3multi)
		append_b3_multi(head, span);
	if (propagators & PROPAGATOR_baggage && baggage->text.length)
		append_baggage(head, baggage);
}
