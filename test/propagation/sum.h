/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The checksum of what goes on with a request, as the server's probe makes it where the request comes in. */
#pragma once

#include "handed_on.h"

struct scratch {
	u64 sum;
	u8 text[MAX_HANDED_ON];
};

static const struct scratch no_scratch;

/* Keyed by goroutine. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* A global function, verified once. */
__attribute__((noinline)) u64 sum_of(u64 goid, u64 data, u64 length)
{
	struct scratch *scratch;
	u32 size = length;

	if (bpf_map_update_elem(&scratches, &goid, &no_scratch, BPF_ANY) ||
	    !(scratch = bpf_map_lookup_elem(&scratches, &goid)))
		return 0;
	if (length > sizeof(scratch->text))
		return 0;
	/* The verifier of 5.10 wants to see the bound of what is read itself. */
	barrier_var(size);
	if (size > sizeof(scratch->text) || read_user(scratch->text, size, data))
		return 0;
	sum_text(&scratch->sum, scratch->text, 0, length, sizeof(scratch->text));
	return scratch->sum;
}
