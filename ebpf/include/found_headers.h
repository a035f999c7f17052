/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Where the headers are that a library wants: what it found in a map (go_header.h) or in a list (message_headers.h). */
#pragma once

#include "go.h"

/* Address of each header's first value, a string or a slice of bytes; 0 when there is none. */
struct found_headers {
	u64 first_values[HEADERS];
};

/*
 * Where finds are left: a library keeps them with the operation of this goroutine. In the loop's own variables they
 * would make each pass a new state for the verifier.
 */
static __always_inline struct found_headers *found_headers(u64 goid);

#define WORD(a, b, c, d, e, f, g, h)                                                                           \
	((u64)(a) | (u64)(b) << 8 | (u64)(c) << 16 | (u64)(d) << 24 | (u64)(e) << 32 | (u64)(f) << 40 |        \
	 (u64)(g) << 48 | (u64)(h) << 56)
