/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Texts of varying length behind a record's fixed part: only as much as there is goes to the agent. */
#pragma once

#include "go.h"

/* Where a text is among its record's texts. */
struct text {
	u16 at;
	u16 length;
};

#define TEXT_BYTES 1024

/* The last member of a record. Until texts are kept, `bytes` serves as scratch space: the stack is small. */
struct texts {
	u32 length;
	u8 bytes[TEXT_BYTES];
};

static __always_inline struct go_string read_string(u64 at)
{
	struct go_string string = {};

	if (at)
		read_user(&string, sizeof(string), at);
	return string;
}

/*
 * Keeps a text, of which at most `max` bytes, a constant. One for which less than `max` is left is left out. What is
 * cut or left out is counted.
 */
static __always_inline void keep_text(struct texts *texts, struct text *text, const struct go_string *string,
				      const u32 max)
{
	u32 at = texts->length;
	u64 length = string->length;

	if (!length)
		return;
	if (length > max || at > TEXT_BYTES - max)
		count(COUNTER_text_truncated);
	if (at > TEXT_BYTES - max)
		return;
	if (length > max)
		length = max;
	/* The compiler knows the bound and would drop the check that the verifier wants to see. */
	barrier_var(length);
	if (length > max || read_user(texts->bytes + at, length, string->data))
		return;
	text->at = at;
	text->length = length;
	texts->length = at + length;
}

static __always_inline u32 text_bytes(const struct texts *texts)
{
	u32 length = texts->length;

	if (length > TEXT_BYTES)
		length = TEXT_BYTES;
	/* The compiler would add first and compare after it; verifiers up to 6.12 want the sum of what was compared. */
	barrier_var(length);
	return length;
}

/* Bytes of a record of this type to send: its fixed part and the texts that it has. */
#define RECORD_SIZE(record)                                                                                    \
	(__builtin_offsetof(__typeof__(*(record)), texts.bytes) + text_bytes(&(record)->texts))
