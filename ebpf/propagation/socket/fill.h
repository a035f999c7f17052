/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Puts a text into a message. */
#pragma once

#include "outgoing.h"

/* Fills `length` bytes of the message from `at` on, which are there, with the text. 0: they could not be reached. */
static __always_inline int fill(struct sk_msg_md *msg, const struct outgoing_head *head, u32 at, u32 length)
{
	u8 *to, *end;
	u32 i;

	if (bpf_msg_pull_data(msg, at, at + length, 0))
		return 0;
	/* From here on `data` begins at `at`. */
	to = msg->data;
	end = msg->data_end;
	for (i = 0; i + 8 <= OUTGOING_BYTES; i += 8) {
		if (i + 8 > length)
			break;
		if (to + i + 8 > end)
			return 0;
		*(u64 *)(to + i) = *(const u64 *)(head->text + i);
	}
	for (u32 rest = 0; rest < 8; rest++, i++) {
		if (i >= length || i >= OUTGOING_BYTES)
			break;
		if (to + i + 1 > end)
			return 0;
		to[i] = head->text[i];
	}
	return 1;
}
