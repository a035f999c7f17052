/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Reads the head of an HTTP/1 request (RFC 9112, 2.1) as it is written, over as many messages as it takes, and stops
 * where the empty line begins that ends it. All state is in the entry of the map: what stands in a loop's own
 * variables makes each pass a new state for the verifier.
 */
#pragma once

#include "outgoing_heads.h"

/* Header names that stand in the way of ours. */
enum own_header {
	OWN_traceparent = 1,
	OWN_baggage = 2,
	OWN_b3 = 4,
	OWN_b3_trace_id = 8,
};

/* Which of them have this character, in lower case, in this column; their colon is one of the characters. */
#define COLUMNS 13

static const u8 names_with[COLUMNS][128] = {
	[0] = {['t'] = OWN_traceparent, ['b'] = OWN_baggage | OWN_b3, ['x'] = OWN_b3_trace_id},
	[1] = {['r'] = OWN_traceparent, ['a'] = OWN_baggage, ['3'] = OWN_b3, ['-'] = OWN_b3_trace_id},
	[2] = {['a'] = OWN_traceparent, ['g'] = OWN_baggage, [':'] = OWN_b3, ['b'] = OWN_b3_trace_id},
	[3] = {['c'] = OWN_traceparent, ['g'] = OWN_baggage, ['3'] = OWN_b3_trace_id},
	[4] = {['e'] = OWN_traceparent, ['a'] = OWN_baggage, ['-'] = OWN_b3_trace_id},
	[5] = {['p'] = OWN_traceparent, ['g'] = OWN_baggage, ['t'] = OWN_b3_trace_id},
	[6] = {['a'] = OWN_traceparent, ['e'] = OWN_baggage, ['r'] = OWN_b3_trace_id},
	[7] = {['r'] = OWN_traceparent, [':'] = OWN_baggage, ['a'] = OWN_b3_trace_id},
	[8] = {['e'] = OWN_traceparent, ['c'] = OWN_b3_trace_id},
	[9] = {['n'] = OWN_traceparent, ['e'] = OWN_b3_trace_id},
	[10] = {['t'] = OWN_traceparent, ['i'] = OWN_b3_trace_id},
	[11] = {[':'] = OWN_traceparent, ['d'] = OWN_b3_trace_id},
	[12] = {[':'] = OWN_b3_trace_id},
};

#define ALL_NAMES (OWN_traceparent | OWN_baggage | OWN_b3 | OWN_b3_trace_id)

enum progress {
	/* The head goes on behind what has been read. */
	PROGRESS_more,
	/* The empty line begins at `at`. */
	PROGRESS_end,
	PROGRESS_not_http,
	/* Not there yet. */
	PROGRESS_again,
};

/* The longest method, "BASELINE-CONTROL", has 16 characters. */
#define MAX_METHOD 24

/* Bytes of one message that are looked at. net/http writes 4096 at a time, unless it is told otherwise. */
#define MAX_READ 16384

/* Number of the first byte that is a line's end, 8 when none is. The lowest bit found is exact (no borrow below it). */
static __always_inline u32 newline_in(u64 word)
{
	u64 x = word ^ EACH_BYTE('\n');
	u64 zero = (x - EACH_BYTE(1)) & ~x & EACH_BYTE(0x80);
	u64 below = (zero - 1) & ~zero;

	/* `below` has 8 * n + 7 bits set: as many bytes of 0xff as there are before the newline. */
	return zero ? (((below >> 7) & EACH_BYTE(1)) * EACH_BYTE(1)) >> 56 : 8;
}

static __always_inline int is_method_character(u8 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* Whether the message begins with a method and a space. */
static __always_inline int begins_with_method(struct sk_msg_md *msg)
{
	u8 *data = msg->data, *end = msg->data_end;

	for (u32 i = 0; i < MAX_METHOD; i++) {
		if (data + i + 1 > end)
			return 0;
		if (data[i] == ' ')
			return i > 0;
		if (!is_method_character(data[i]))
			return 0;
	}
	return 0;
}

#define VERSION_LENGTH 10

/* Whether the request line that ends with this newline says HTTP/1. One begun in an earlier message is taken as read. */
static __always_inline int is_http1(u8 *data, u8 *end, u32 newline)
{
	u8 *version;

	if (newline < VERSION_LENGTH || newline > MAX_READ)
		return newline < VERSION_LENGTH;
	version = data + (newline - VERSION_LENGTH);
	if (version + VERSION_LENGTH > end)
		return 0;
	return version[0] == ' ' && version[1] == 'H' && version[2] == 'T' && version[3] == 'T' &&
	       version[4] == 'P' && version[5] == '/' && version[6] == '1' && version[7] == '.';
}

static __always_inline void begin_line(struct outgoing_head *head)
{
	head->column = 0;
	head->candidates = ALL_NAMES;
}

/* One character of a header's name that may still become one of ours. */
static __always_inline void read_name(struct outgoing_head *head, u8 c)
{
	u32 column = head->column;
	u8 left = 0;

	if (c == '\n') {
		begin_line(head);
		return;
	}
	if (column < COLUMNS && c < 0x80)
		left = head->candidates & names_with[column][c | 0x20];
	if (left && c == ':') {
		head->found |= left;
		left = 0;
	}
	head->candidates = left;
	head->column = column + 1;
}

/* Goes on to the next character that matters. */
static __always_inline enum progress read_step(struct outgoing_head *head, u8 *data, u8 *end)
{
	u32 at = head->at, newline;
	u8 *here = data + at;

	if (at > MAX_READ || here + 1 > end)
		return PROGRESS_more;
	if (head->candidates) {
		if (!head->column && *here == '\r')
			return PROGRESS_end;
		read_name(head, *here);
		head->at = at + 1;
		return PROGRESS_again;
	}
	newline = here + 8 > end ? (*here == '\n' ? 0 : 8) : newline_in(*(u64 *)here);
	if (newline == 8) {
		head->at = at + (here + 8 > end ? 1 : 8);
		return PROGRESS_again;
	}
	if (!head->in_headers && !is_http1(data, end, at + newline))
		return PROGRESS_not_http;
	head->in_headers = 1;
	begin_line(head);
	head->at = at + newline + 1;
	return PROGRESS_again;
}
