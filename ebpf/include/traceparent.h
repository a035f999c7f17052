/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header */
#pragma once

#include "span.h"

#define TRACEPARENT_LENGTH 55

/*
 * Eight lower-case hex digits to four bytes, all at once. Returns 0 for any other character.
 * A digit's value is its low nibble, plus 9 for letters, which have bit 6 set; a value of 10 and more has to
 * come from 'a' and up. Rebuilding the characters from the values finds every other one, but for 'g' to 'o',
 * whose values are too large.
 */
static __always_inline int hex8(const u8 *text, u8 *bytes)
{
	u64 c = *(const u64 *)text;
	u64 v = (c & EACH_BYTE(0x0f)) + 9 * ((c >> 6) & EACH_BYTE(1));
	u64 letters = ((v + EACH_BYTE(6)) >> 4) & EACH_BYTE(1);

	if ((v & EACH_BYTE(0xf0)) || v + EACH_BYTE('0') + letters * ('a' - '0' - 10) != c)
		return 0;
	v = ((v << 4) | (v >> 8)) & 0x00ff00ff00ff00ffULL;
	v = (v | (v >> 8)) & 0x0000ffff0000ffffULL;
	*(u32 *)bytes = (u32)(v | (v >> 16));
	return 1;
}

static __always_inline int hex2(const u8 *text, u8 *byte)
{
	u8 pair[8] = {'0', '0', '0', '0', '0', '0', text[0], text[1]};
	u8 bytes[4];

	if (!hex8(pair, bytes))
		return 0;
	*byte = bytes[3];
	return 1;
}

/*
 * Takes trace id, parent and flag out of `text`, which has room for TRACEPARENT_LENGTH + 1 bytes. `length` is
 * that of the whole header. Leaves `span` without a parent when the header is invalid.
 */
static __always_inline void parse_traceparent(const u8 *text, u64 length, struct span_header *span)
{
	u8 version, flags;

	if (length < TRACEPARENT_LENGTH || text[2] != '-' || text[35] != '-' || text[52] != '-')
		return;
	if (!hex2(text, &version) || !hex2(text + 53, &flags) || version == 0xff)
		return;
	if (length > TRACEPARENT_LENGTH && (version == 0 || text[TRACEPARENT_LENGTH] != '-'))
		return;
	for (int i = 0; i < 4; i++)
		if (!hex8(text + 3 + 8 * i, span->trace_id + 4 * i))
			return;
	if (!hex8(text + 36, span->parent_span_id) || !hex8(text + 44, span->parent_span_id + 4))
		return;
	if (!(((u64 *)span->trace_id)[0] | ((u64 *)span->trace_id)[1]) || !*(u64 *)span->parent_span_id)
		return;
	span->trace_flags = flags & FLAG_SAMPLED;
	span->parent = PARENT_remote;
}
