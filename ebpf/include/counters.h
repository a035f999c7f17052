/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * One account of every operation. For each library
 *   started = unsampled + left_out + over_limit + submitted + ring_full + in_flight_full + superseded + unreadable
 *             + traced_by_application + what is in flight.
 * The others tell of fields, not of operations. scripts/gen-events.ts makes the enum known to TypeScript.
 */
#pragma once

#include "types.h"

enum counter {
	COUNTER_started,
	COUNTER_unsampled,
	/* By a path rule: the request, or the one that it belongs to. */
	COUNTER_left_out,
	/* More calls in a second than a rule for functions wants spans of. */
	COUNTER_over_limit,
	COUNTER_submitted,
	COUNTER_ring_full,
	/* No room for one more operation in flight. */
	COUNTER_in_flight_full,
	/* The goroutine began another operation while its last one had no end. */
	COUNTER_superseded,
	/* The operation's own state could not be read or kept. */
	COUNTER_unreadable,
	/* The program has a span of its own for it. */
	COUNTER_traced_by_application,
	/* An end without a start: it began before the probes were there. */
	COUNTER_end_without_start,
	/* A field of a span could not be read: the span lacks it. */
	COUNTER_field_unreadable,
	/* A text was longer than the room for it. */
	COUNTER_text_truncated,
	/* Not traced: an implementation that the descriptor does not know. */
	COUNTER_foreign,
	/* A span that may lack its parent: no room among the open spans, or a context nested too deep. */
	COUNTER_parent_unknown,
	/* Not traced: where its caller goes on was not known yet. return_site.h */
	COUNTER_caller_unknown,
	/* A span that lacks the headers which were to be captured: no room for them. captured_headers.h */
	COUNTER_headers_left_out,
	/* What a span lacks that was to be added to it: no room on the ring. addition.h */
	COUNTER_additions_lost,
	COUNTERS,
};

#define MAX_LIBRARIES 64

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS * MAX_LIBRARIES);
	__type(key, u32);
	__type(value, u64);
} counters SEC(".maps");

/* Set before the load: the place of this object's library in the registry of this run. */
volatile const u32 library_id = 0;

/*
 * A global function, verified once: it stands at a hundred places, and a static one that is called at several depths can
 * crash the verifier of 5.10 (test/kernel/subprograms.test.ts). Atomic, as a preempted program's increment must not be lost.
 */
__attribute__((noinline)) int count_times(enum counter counter, u64 times)
{
	u32 key = library_id * COUNTERS + counter;
	u64 *value = bpf_map_lookup_elem(&counters, &key);

	if (value)
		__sync_fetch_and_add(value, times);
	return 0;
}

static __always_inline void count(enum counter counter)
{
	count_times(counter, 1);
}
