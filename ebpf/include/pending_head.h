/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The write tier: trace context on its way from where a request is taken over by its connection to where it is written
 * into the target's memory: on another goroutine, some microseconds later, or for HTTP/2 when the connection has a
 * stream for it.
 */
#pragma once

#include "outgoing.h"

struct pending_head {
	/* HTTP/1: the request's map of headers. */
	u64 header;
	/* HTTP/2: bytes of padding that were asked for, to make room; 0 when there was room. */
	u32 padding;
	/* HTTP/2: bytes of the fields without which the others make no sense. They come first. */
	u32 needed;
	struct outgoing_head head;
};

/* A library that keeps fewer says so before it includes this. */
#ifndef PENDING_HEADS
#define PENDING_HEADS 4096
#endif

/*
 * Keyed by what the next step knows: the connection's *bufio.Writer, the *Request of HTTP/2, then its goroutine. Ids
 * of goroutines are smaller than any address. A request that is given up before it is written leaves its entry behind,
 * which is why old ones may be evicted (LRU).
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PENDING_HEADS);
	__type(key, u64);
	__type(value, struct pending_head);
} pending_heads SEC(".maps");

/* What a new entry is copied from: the stack has no room for it. */
static const struct pending_head no_pending;

/* A fresh entry under this key; 0, and counted, without. */
static __always_inline struct pending_head *new_pending(u64 key)
{
	struct pending_head *pending;

	if (bpf_map_update_elem(&pending_heads, &key, &no_pending, BPF_ANY) ||
	    !(pending = bpf_map_lookup_elem(&pending_heads, &key))) {
		count_outgoing(OUTGOING_unreadable);
		return 0;
	}
	return pending;
}

/*
 * Writes the bytes, of a map's value, to the target's memory. `size` is from 1 to `max`, a constant. Such a write is
 * refused for a moment while the kernel moves the page: it is tried again, and has to be one that may be repeated.
 */
static __always_inline int write_user(u64 address, const void *bytes, u64 size, const u64 max)
{
	int error = -1;

	for (int i = 0; i < 3 && error; i++) {
		/* The compiler would make one check of both, of a copy: the verifier wants to see each of `size` itself. */
		barrier_var(size);
		if (size > max)
			return -1;
		barrier_var(size);
		if ((s64)size < 1)
			return -1;
		error = bpf_probe_write_user((void *)address, bytes, size);
	}
	return error;
}
