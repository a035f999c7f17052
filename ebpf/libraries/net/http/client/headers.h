/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Headers of propagation that the application has put into a request itself. */
#pragma once

enum header {
	HEADER_traceparent,
	HEADER_tracestate,
	HEADER_baggage,
	HEADER_b3,
	HEADER_b3_trace_id,
	HEADERS,
};

#include "captured_headers.h"

/* A key that was put into the map by hand need not be in canonical form. */
static __always_inline u32 classify(const struct go_string *key)
{
	u64 text[2] = {};

	switch (key->length) {
	case 2:
		if (read_user(text, 2, key->data))
			return HEADERS;
		return (text[0] | 0x2020) == WORD('b', '3', 0, 0, 0, 0, 0, 0) ? HEADER_b3 : HEADERS;
	case 7:
		if (read_user(text, 7, key->data))
			return HEADERS;
		return (text[0] | SMALL >> 8) == WORD('b', 'a', 'g', 'g', 'a', 'g', 'e', 0) ? HEADER_baggage : HEADERS;
	case 10:
		if (read_user(text, 10, key->data))
			return HEADERS;
		if ((text[0] | SMALL) == WORD('t', 'r', 'a', 'c', 'e', 's', 't', 'a') &&
		    (text[1] | 0x2020) == WORD('t', 'e', 0, 0, 0, 0, 0, 0))
			return HEADER_tracestate;
		return HEADERS;
	case 11:
		if (read_user(text, 11, key->data))
			return HEADERS;
		if ((text[0] | SMALL) == WORD('t', 'r', 'a', 'c', 'e', 'p', 'a', 'r') &&
		    (text[1] | 0x202020) == WORD('e', 'n', 't', 0, 0, 0, 0, 0))
			return HEADER_traceparent;
		return HEADERS;
	case 12:
		if (read_user(text, 12, key->data))
			return HEADERS;
		if ((text[0] | SMALL) == WORD('x', '-', 'b', '3', '-', 't', 'r', 'a') &&
		    (text[1] | 0x20202020) == WORD('c', 'e', 'i', 'd', 0, 0, 0, 0))
			return HEADER_b3_trace_id;
		return HEADERS;
	}
	return HEADERS;
}
