/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Finds what a message says about its trace among its headers, a list of keys and values: a []struct with a string and
 * a slice of bytes, or two strings, at given places. Behind it a library says where finds are kept: found_headers().
 */
#pragma once

enum header {
	HEADER_traceparent,
	HEADER_tracestate,
	HEADER_baggage,
	HEADER_b3,
	HEADER_b3_trace_id,
	HEADER_b3_span_id,
	HEADER_b3_sampled,
	HEADERS,
};

#include "found_headers.h"

/*
 * Of longer lists the first and the last half of these are looked at, and the rest is counted: who adds a header adds
 * it at the end.
 */
#define MAX_MESSAGE_HEADERS 128

/* Bytes of the longest name that is wanted. */
#define MAX_HEADER_NAME 12

/* Brokers hand names on as they are, and libraries write those of B3 in either way: small letters are compared. */
#define SMALL_LETTERS 0x2020202020202020ULL

/* Which of the headers a key is, or HEADERS. Only keys of the right length are read. */
static __always_inline u32 classify_message_header(const struct go_string *key)
{
	u64 length = key->length;
	u64 text[2] = {};

	if (length != 2 && length != 7 && (length < 10 || length > MAX_HEADER_NAME))
		return HEADERS;
	barrier_var(length);
	if (length > MAX_HEADER_NAME || read_user(text, length, key->data))
		return HEADERS;
	text[0] |= SMALL_LETTERS;
	text[1] |= SMALL_LETTERS;
	if (text[0] == WORD('b', '3', ' ', ' ', ' ', ' ', ' ', ' ') && length == 2)
		return HEADER_b3;
	if (text[0] == WORD('b', 'a', 'g', 'g', 'a', 'g', 'e', ' ') && length == 7)
		return HEADER_baggage;
	if (text[0] == WORD('t', 'r', 'a', 'c', 'e', 's', 't', 'a') && length == 10 &&
	    text[1] == WORD('t', 'e', ' ', ' ', ' ', ' ', ' ', ' '))
		return HEADER_tracestate;
	if (text[0] == WORD('t', 'r', 'a', 'c', 'e', 'p', 'a', 'r') && length == 11 &&
	    text[1] == WORD('e', 'n', 't', ' ', ' ', ' ', ' ', ' '))
		return HEADER_traceparent;
	if (text[0] == WORD('x', '-', 'b', '3', '-', 's', 'p', 'a') && length == 11 &&
	    text[1] == WORD('n', 'i', 'd', ' ', ' ', ' ', ' ', ' '))
		return HEADER_b3_span_id;
	if (text[0] == WORD('x', '-', 'b', '3', '-', 't', 'r', 'a') && length == 12 &&
	    text[1] == WORD('c', 'e', 'i', 'd', ' ', ' ', ' ', ' '))
		return HEADER_b3_trace_id;
	if (text[0] == WORD('x', '-', 'b', '3', '-', 's', 'a', 'm') && length == 12 &&
	    text[1] == WORD('p', 'l', 'e', 'd', ' ', ' ', ' ', ' '))
		return HEADER_b3_sampled;
	return HEADERS;
}

/* One header, whose key and value are at these addresses. A global function, verified once for all passes of the loop. */
__attribute__((noinline)) int take_message_header(u64 key_at, u64 value_at, u64 goid)
{
	struct go_string key = {};
	struct found_headers *found;
	u32 header;

	if (read_user(&key, sizeof(key), key_at))
		return 0;
	header = classify_message_header(&key);
	if (header < HEADERS && (found = found_headers(goid)) && !found->first_values[header])
		found->first_values[header] = value_at;
	return 0;
}

/* Looks through a list; `key` and `value` are places in its elements, of `stride` bytes each. */
static __always_inline void find_message_headers(const struct go_string *list, u32 key, u32 value, u32 stride,
						 u64 goid)
{
	u64 length = list->length;

	if (length > MAX_MESSAGE_HEADERS)
		count(COUNTER_field_unreadable);
	for (u32 i = 0; i < MAX_MESSAGE_HEADERS && i < length; i++) {
		u64 index = i;
		u64 at;

		if (length > MAX_MESSAGE_HEADERS && i >= MAX_MESSAGE_HEADERS / 2)
			index = length - MAX_MESSAGE_HEADERS + i;
		at = list->data + index * stride;
		take_message_header(at + key, at + value, goid);
	}
}
