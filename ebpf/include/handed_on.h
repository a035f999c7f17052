/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What comes with a request and goes on with those that it makes: tracestate and baggage. They stay in the target's
 * memory, which the target may give to something else while the request is served (it drops the request's headers and
 * the garbage collector runs): the checksum tells, so that nothing else of that memory ever goes out.
 */
#pragma once

#include "go.h"

/* Longer values don't go on. */
#define MAX_HANDED_ON 512

struct handed_on {
	struct go_string text;
	/* sum_text() when it came; 0: it doesn't go on. */
	u64 sum;
};

/*
 * A word whose tabs are spaces. Tabs may stand in the value of a header (RFC 9110, 5.5), and around what a baggage and a
 * tracestate list. A byte is a tab when its XOR with one has no bit: the carry of none reaches into the next.
 */
static __always_inline u64 without_tabs(u64 word)
{
	u64 other = word ^ EACH_BYTE('\t');
	u64 tabs = ~(((other & EACH_BYTE(0x7f)) + EACH_BYTE(0x7f)) | other | EACH_BYTE(0x7f));

	return word + (tabs >> 7) * (' ' - '\t');
}

/*
 * The sum with eight more bytes, of which `left` are the value's; 0 when they have a control character but for tabs: a
 * line's end would end the header that they go into. A global function, verified once and not in each pass of a loop.
 */
__attribute__((noinline)) u64 add_word(u64 sum, u64 word, u32 left)
{
	u64 shown, mixed;

	/* What lies behind the value counts as spaces. */
	if (left < 8)
		word = (word & ((1ULL << (8 * (left & 7))) - 1)) | (EACH_BYTE(' ') << (8 * (left & 7)));
	shown = without_tabs(word);
	if ((shown - EACH_BYTE(' ')) & ~shown & EACH_BYTE(0x80))
		return 0;
	/* An odd number with its bits well spread: 2^64 divided by the golden ratio. */
	mixed = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
	return (mixed ^ mixed >> 32) | 1;
}

/*
 * Makes `*sum`, in a map's value, the checksum of the `length` bytes at `at` of `room`, a constant, or 0. A sum in a
 * register would make each pass a new state for the verifier.
 */
static __always_inline void sum_text(volatile u64 *sum, const u8 *bytes, u32 at, u32 length, const u32 room)
{
	*sum = 1;
	for (u32 i = 0; i < MAX_HANDED_ON && i < length; i += 8) {
		u32 from = at + i;

		if (from > room - sizeof(u64)) {
			*sum = 0;
			return;
		}
		*sum = add_word(*sum, *(const u64 *)(bytes + from), length - i);
		if (!*sum)
			return;
	}
}
