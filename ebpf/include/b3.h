/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* B3, in one header or in several: https://github.com/openzipkin/b3-propagation */
#pragma once

#include "traceparent.h"

#define B3_TRACE_ID 32
#define B3_SHORT_TRACE_ID 16
#define B3_SPAN_ID 16
/* Trace id, span id, sampling state; a parent's id may follow. */
#define B3_LENGTH (B3_TRACE_ID + 1 + B3_SPAN_ID + 2)

/* A trace id of 32 digits, or of 16 that count as the last ones. 0: not one. */
static __always_inline int b3_trace_id(const u8 *text, u64 length, u8 *id)
{
	if (length == B3_TRACE_ID)
		return hex8(text, id) && hex8(text + 8, id + 4) && hex8(text + 16, id + 8) && hex8(text + 24, id + 12);
	return length == B3_SHORT_TRACE_ID && hex8(text, id + 8) && hex8(text + 8, id + 12);
}

static __always_inline int b3_span_id(const u8 *text, u8 *id)
{
	return hex8(text, id) && hex8(text + 8, id + 4);
}

/* "0" and "false" say no; "1", "true", "d" for debug, and nothing at all, which leaves it to us, yes. */
static __always_inline u8 b3_flags(u8 sampled)
{
	return sampled == '0' || sampled == 'f' ? 0 : FLAG_SAMPLED;
}

/* Takes the ids as the span's remote parent, if they are valid. */
static __always_inline void take_b3(struct span_header *span, const u8 *trace_id, const u8 *parent_id, u8 flags)
{
	if (!(((const u64 *)trace_id)[0] | ((const u64 *)trace_id)[1]) || !*(const u64 *)parent_id)
		return;
	__builtin_memcpy(span->trace_id, trace_id, sizeof(span->trace_id));
	__builtin_memcpy(span->parent_span_id, parent_id, sizeof(span->parent_span_id));
	span->trace_flags = flags;
	span->parent = PARENT_remote;
}

/* The one header "b3". `text` has room for B3_LENGTH bytes, of which min(length, B3_LENGTH) are its own. */
static __always_inline void parse_b3(const u8 *text, u64 length, struct span_header *span)
{
	u64 trace_id[2] = {}, parent_id = 0;

	if (length >= B3_TRACE_ID + 1 + B3_SPAN_ID && text[B3_TRACE_ID] == '-') {
		if (b3_trace_id(text, B3_TRACE_ID, (u8 *)trace_id) &&
		    b3_span_id(text + B3_TRACE_ID + 1, (u8 *)&parent_id))
			take_b3(span, (u8 *)trace_id, (u8 *)&parent_id,
				length < B3_LENGTH ? FLAG_SAMPLED : b3_flags(text[B3_LENGTH - 1]));
	} else if (length >= B3_SHORT_TRACE_ID + 1 + B3_SPAN_ID && text[B3_SHORT_TRACE_ID] == '-') {
		u32 sampled = B3_SHORT_TRACE_ID + 1 + B3_SPAN_ID + 1;

		if (b3_trace_id(text, B3_SHORT_TRACE_ID, (u8 *)trace_id) &&
		    b3_span_id(text + B3_SHORT_TRACE_ID + 1, (u8 *)&parent_id))
			take_b3(span, (u8 *)trace_id, (u8 *)&parent_id,
				length <= sampled ? FLAG_SAMPLED : b3_flags(text[sampled]));
	}
}
