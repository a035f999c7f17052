/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Header fields that a call has without ours: which of them stand in the way of trace context, and how long a list they
 * are.
 */
#pragma once

#include "outgoing_call.h"

/* Most that a list of fields may come to: what gRPC's peers take that say nothing, and soft limit of those that do. */
#define MAX_FIELD_LIST 8192
/* No list of so many fields is shorter. */
#define MAX_FIELDS (MAX_FIELD_LIST / FIELD_OVERHEAD + 1)

/* golang.org/x/net/http2/hpack.HeaderField begins with Name and Value, in all versions; a slice's step is 40 bytes. */
struct hpack_field {
	struct go_string name;
	struct go_string value;
};

#define HPACK_FIELD_STEP 40

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

/* Reads the name of a field. 0: it can't be read. */
static __always_inline int note_name(struct outgoing_call *call, const struct go_string *name)
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
	call->found |= own_field_of(words[0], words[1], length);
	return 1;
}

/* So large that nothing can be added, when it is longer than anybody takes: what is beyond any field's length is one. */
static __always_inline u32 size_of_text(u64 length)
{
	return length < MAX_FIELD_LIST ? length : MAX_FIELD_LIST;
}

/* Takes a field's name and size into account. 0: it can't be read. A global function, verified once. */
__attribute__((noinline)) int note_field(u64 key, u64 address)
{
	struct outgoing_call *call = bpf_map_lookup_elem(&outgoing_calls, &key);
	struct hpack_field field = {};

	if (!call || bpf_probe_read_user(&field, sizeof(field), (const void *)address) || !note_name(call, &field.name))
		return 0;
	call->size += size_of_text(field.name.length) + size_of_text(field.value.length) + FIELD_OVERHEAD;
	return 1;
}

/*
 * Goes through the fields, whose address is the key of their entry, up to more than would leave room for any. 0: they
 * can't be read.
 */
static __always_inline int note_fields(u64 fields, u64 count)
{
	for (u32 i = 0; i < MAX_FIELDS; i++) {
		if (i >= count)
			return 1;
		if (!note_field(fields, fields + i * HPACK_FIELD_STEP))
			return 0;
	}
	return 1;
}
