/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* How a call that brought no message ended. */
#pragma once

#include "reader.h"

/* Itabs of these types as errors, with the load bias; 0 where the binary has none. */
volatile const u64 error_string = 0;
volatile const u64 deadline_exceeded = 0;

#define MAX_END 16

/* Whether the text of an *errors.errorString is this one, of up to MAX_END bytes. */
static __always_inline int says(const struct go_string *text, const char *bytes, const char *wanted, u32 length)
{
	return text->length == length && *(const u64 *)bytes == *(const u64 *)wanted &&
	       *(const u64 *)(bytes + 8) == *(const u64 *)(wanted + 8);
}

/*
 * Where the application itself has ended its waiting: its context is cancelled or has timed out, or it has closed the
 * reader, which is io.EOF. Those are told by their texts, as their addresses are not known.
 */
static __always_inline int is_end_of_waiting(const struct go_iface *error)
{
	static const char canceled[MAX_END] = "context canceled", eof[MAX_END] = "EOF";
	struct go_string text = {};
	char bytes[MAX_END] = {};
	u64 length;

	if (error->tab == deadline_exceeded)
		return 1;
	if (error->tab != error_string || read_user(&text, sizeof(text), error->data))
		return 0;
	length = text.length;
	barrier_var(length);
	if (!length || length > MAX_END || read_user(bytes, length, text.data))
		return 0;
	return says(&text, bytes, canceled, sizeof(canceled)) || says(&text, bytes, eof, 3);
}
