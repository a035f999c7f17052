/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Trace headers of the program's own among what it sends: fields of a call, headers of a message. None is doubled. */
#pragma once

#include "go.h"
#include "propagators.h"

enum own_field {
	OWN_FIELD_traceparent = 1,
	OWN_FIELD_tracestate = 2,
	OWN_FIELD_baggage = 4,
	OWN_FIELD_b3 = 8,
};

/* Up to eight characters as a word. They are compared in lower case, which leaves digits and '-' as they are. */
#define WORD8(a, b, c, d, e, f, g, h)                                                                          \
	((u64)(a) | (u64)(b) << 8 | (u64)(c) << 16 | (u64)(d) << 24 | (u64)(e) << 32 | (u64)(f) << 40 |        \
	 (u64)(g) << 48 | (u64)(h) << 56)

static __always_inline enum own_field own_field_of(u64 first, u64 rest, u64 length)
{
	if (length == 11 && first == WORD8('t', 'r', 'a', 'c', 'e', 'p', 'a', 'r') &&
	    rest == WORD8('e', 'n', 't', 0, 0, 0, 0, 0))
		return OWN_FIELD_traceparent;
	if (length == 10 && first == WORD8('t', 'r', 'a', 'c', 'e', 's', 't', 'a') &&
	    rest == WORD8('t', 'e', 0, 0, 0, 0, 0, 0))
		return OWN_FIELD_tracestate;
	if (length == 7 && first == WORD8('b', 'a', 'g', 'g', 'a', 'g', 'e', 0))
		return OWN_FIELD_baggage;
	if (length == 2 && first == WORD8('b', '3', 0, 0, 0, 0, 0, 0))
		return OWN_FIELD_b3;
	if (length == 12 && first == WORD8('x', '-', 'b', '3', '-', 't', 'r', 'a') &&
	    rest == WORD8('c', 'e', 'i', 'd', 0, 0, 0, 0))
		return OWN_FIELD_b3;
	return 0;
}

/* Longest of the names above. */
#define MAX_OWN_NAME 12

/* Adds what the field is to `found`, bits of enum own_field. 0: its name can't be read. */
static __always_inline int note_name(u8 *found, const struct go_string *name)
{
	u64 words[2] = {};
	u64 length = name->length;

	if (length > MAX_OWN_NAME || !length)
		return 1;
	barrier_var(length);
	if (length > MAX_OWN_NAME || bpf_probe_read_user(words, length, (const void *)name->data))
		return 0;
	/* Bits of what lies behind the name stay away: they are not zero when the bit of lower case is set. */
	words[0] |= EACH_BYTE(0x20);
	words[1] |= EACH_BYTE(0x20);
	if (length < 8)
		words[0] &= (1ULL << (8 * (length & 7))) - 1;
	words[1] &= length > 8 ? (1ULL << (8 * (length & 7))) - 1 : 0;
	*found |= own_field_of(words[0], words[1], length);
	return 1;
}

/* What is left of the formats that may be added; 0: the application's own context goes out. */
static __always_inline u32 formats_beside(u32 formats, u8 found)
{
	if (found & OWN_FIELD_traceparent)
		return 0;
	if (found & OWN_FIELD_b3 && formats & (PROPAGATOR_b3 | PROPAGATOR_b3multi))
		return 0;
	return found & OWN_FIELD_baggage ? formats & ~PROPAGATOR_baggage : formats;
}
