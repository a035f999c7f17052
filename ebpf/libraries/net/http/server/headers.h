/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The headers of a request that its span, or its parent, is made of. */
#pragma once

enum header {
	HEADER_traceparent,
	HEADER_tracestate,
	HEADER_baggage,
	HEADER_user_agent,
	HEADER_forwarded_for,
	HEADER_forwarded,
	HEADER_b3,
	HEADER_b3_trace_id,
	HEADER_b3_span_id,
	HEADER_b3_sampled,
	HEADERS,
};

#include "captured_headers.h"

/* Go has them in canonical form; only keys of the right length are read. */
static __always_inline u32 classify(const struct go_string *key)
{
	u64 text[2] = {};

	switch (key->length) {
	case 2:
		if (read_user(text, 2, key->data))
			return HEADERS;
		return text[0] == WORD('B', '3', 0, 0, 0, 0, 0, 0) ? HEADER_b3 : HEADERS;
	case 7:
		if (read_user(text, 7, key->data))
			return HEADERS;
		return text[0] == WORD('B', 'a', 'g', 'g', 'a', 'g', 'e', 0) ? HEADER_baggage : HEADERS;
	case 9:
		if (read_user(text, 9, key->data))
			return HEADERS;
		if (text[0] == WORD('F', 'o', 'r', 'w', 'a', 'r', 'd', 'e') && text[1] == 'd')
			return HEADER_forwarded;
		return HEADERS;
	case 10:
		if (read_user(text, 10, key->data))
			return HEADERS;
		if (text[0] == WORD('U', 's', 'e', 'r', '-', 'A', 'g', 'e') &&
		    text[1] == WORD('n', 't', 0, 0, 0, 0, 0, 0))
			return HEADER_user_agent;
		if (text[0] == WORD('T', 'r', 'a', 'c', 'e', 's', 't', 'a') &&
		    text[1] == WORD('t', 'e', 0, 0, 0, 0, 0, 0))
			return HEADER_tracestate;
		return HEADERS;
	case 11:
		if (read_user(text, 11, key->data))
			return HEADERS;
		if (text[0] == WORD('T', 'r', 'a', 'c', 'e', 'p', 'a', 'r') &&
		    text[1] == WORD('e', 'n', 't', 0, 0, 0, 0, 0))
			return HEADER_traceparent;
		if (text[0] == WORD('X', '-', 'B', '3', '-', 'S', 'p', 'a') &&
		    text[1] == WORD('n', 'i', 'd', 0, 0, 0, 0, 0))
			return HEADER_b3_span_id;
		return HEADERS;
	case 12:
		if (read_user(text, 12, key->data))
			return HEADERS;
		if (text[0] == WORD('X', '-', 'B', '3', '-', 'T', 'r', 'a') &&
		    text[1] == WORD('c', 'e', 'i', 'd', 0, 0, 0, 0))
			return HEADER_b3_trace_id;
		if (text[0] == WORD('X', '-', 'B', '3', '-', 'S', 'a', 'm') &&
		    text[1] == WORD('p', 'l', 'e', 'd', 0, 0, 0, 0))
			return HEADER_b3_sampled;
		return HEADERS;
	case 15:
		if (read_user(text, 15, key->data))
			return HEADERS;
		if (text[0] == WORD('X', '-', 'F', 'o', 'r', 'w', 'a', 'r') &&
		    text[1] == WORD('d', 'e', 'd', '-', 'F', 'o', 'r', 0))
			return HEADER_forwarded_for;
		return HEADERS;
	}
	return HEADERS;
}
