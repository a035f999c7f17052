/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Where a traced function's callers go on after it has returned: there its results are in registers still, and an
 * instruction is found that the kernel need not single-step (src/plan/site-return.ts). The agent knows the direct
 * callers from the binary; those that call through an interface or a function value show themselves here.
 */
#pragma once

#include "events.h"
#include "span.h"
#include "stack.h"

enum return_kind {
	/* A probe sits behind it. */
	RETURN_site = 1,
	/* The caller returns the results as they are to its own caller. */
	RETURN_through,
	/* There is no place for a probe: what this caller does is not traced. */
	RETURN_none,
	/* What this caller does is no operation that the library is about. */
	RETURN_apart,
	/* The agent has been asked. */
	RETURN_asked,
} __attribute__((packed));

struct return_site {
	enum return_kind kind;
	u8 _pad[7];
};

/* A library that may be called from where others are has a table of its own: a place has the probe of only one. */
#ifndef RETURN_SITES
#define RETURN_SITES return_sites
#endif

/* Keyed by return address. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct return_site);
} RETURN_SITES SEC(".maps");

struct unknown_return {
	struct record_header record;
	u64 address;
	/* How many registers hold the function's results, and the first of them that matters. */
	u32 results;
	u32 first;
	/* What the library calls the function that was called; 0 for one that has no need to. */
	u32 about;
	u32 _pad;
};

/* Frames of callers that hand results through: an interface's method, a wrapper made by the compiler. */
#define MAX_FRAMES 6

/* 0: ends are probed in the function itself (arm64), so callers don't matter. */
volatile const u8 ends_at_callers = 0;

/* One record for each address; when the ring is full the next call asks again. Not inlined: for its type's BTF. */
static __attribute__((noinline)) void ask(struct unknown_return *unknown)
{
	struct return_site asked = {.kind = RETURN_asked};

	if (bpf_map_update_elem(&RETURN_SITES, &unknown->address, &asked, BPF_NOEXIST))
		return;
	if (bpf_ringbuf_output(&events, unknown, sizeof(*unknown), BPF_RB_FORCE_WAKEUP))
		bpf_map_delete_elem(&RETURN_SITES, &unknown->address);
}

static __always_inline void ask_for(u64 address, u32 results, u32 first, u32 about)
{
	struct unknown_return unknown = {
		.record = {.library = library_id, .kind = RECORD_unknown_return},
		.address = address,
		.results = results,
		.first = first,
		.about = about,
	};

	ask(&unknown);
}

/*
 * Where on the stack the return address lies that leads to a place from which results are seen, from the one in register
 * `first` on; 0 when there is none. `address` is the first of them, which lies at `at`. Without a place the operation
 * must not be begun: it is counted as not traced, and the agent asked to look at the caller. `frame` is the frame
 * pointer. For where callers are looked at (ends_at_callers).
 */
static __always_inline u64 find_return(u64 frame, u64 at, u64 address, u32 results, u32 first, u32 about)
{
	for (u32 i = 0; i < MAX_FRAMES; i++) {
		struct return_site *site = bpf_map_lookup_elem(&RETURN_SITES, &address);
		u64 next[2] = {};

		if (site && site->kind == RETURN_site)
			return at;
		if (site && site->kind == RETURN_apart)
			return 0;
		if (!site)
			ask_for(address, results, first, about);
		if (!site || site->kind != RETURN_through)
			break;
		if (bpf_probe_read_user(next, sizeof(next), (const void *)frame))
			break;
		at = frame + sizeof(next[0]);
		frame = next[0];
		address = next[1];
	}
	count(COUNTER_caller_unknown);
	return 0;
}

/* Whether the return to `address`, or of what hands the results through, will be seen. */
static __always_inline int return_to_shows(struct pt_regs *ctx, u64 address, u32 results, u32 first)
{
	return find_return(FRAME_POINTER(ctx), STACK_POINTER(ctx), address, results, first, 0) != 0;
}

/* The same at a function's entry. */
static __always_inline int return_shows(struct pt_regs *ctx, u32 results, u32 first)
{
	u64 address = 0;

	if (!ends_at_callers)
		return 1;
	if (bpf_probe_read_user(&address, sizeof(address), (const void *)STACK_POINTER(ctx)))
		return 0;
	return return_to_shows(ctx, address, results, first);
}

static __always_inline int return_is_known(struct pt_regs *ctx, u32 results)
{
	return return_shows(ctx, results, 0);
}
