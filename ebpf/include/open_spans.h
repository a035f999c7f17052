/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The spans that are open, by goroutine, and which goroutines are started from now on. */
#pragma once

#include "handed_on.h"
#include "propagators.h"
#include "span.h"

struct open_span {
	struct span_context context;
	u8 parent_span_id[8];
	/*
	 * Goroutines that this one started have these ids, or larger ones than `started_after`, if they started after
	 * the span did: goroutines of earlier requests on the same connection have smaller ones.
	 */
	u64 fresh_from;
	u64 fresh_to;
	u64 started_after;
	/* Which processor `fresh_from` and `fresh_to` are of; 0: not known. */
	u64 processor;
	/* Stack in use where an operation began; 0: not known. What has returned, or panicked, used no less. */
	u64 depth;
	/* What the stack has there while the operation goes on: see stack_word. */
	u64 word_at_depth;
	/* Of an operation, its goroutine's struct; 0 for others. The agent looks there whether that has ended. */
	u64 g;
	/* A request's own context, a key of request_contexts; 0 for other spans. */
	u64 request_context;
	/* What came with the request and goes on with each outgoing one. */
	struct handed_on tracestate;
	struct handed_on baggage;
	/* 1: the application traces the request itself, so that this span won't be sent. */
	u8 left_to_application;
	/*
	 * Of a call to someone else whom this context is to reach: the formats that may be added to it, those of which the
	 * application has set no header itself. The write tier reads it.
	 */
	enum propagator outgoing;
	/* Of an operation that has several spans, one for each message that it sends: how many; 0: it is one. */
	u8 spans;
	/* Of a span that the application makes without an SDK. */
	u8 has_ended;
	u8 _pad[4];
	/* CLOCK_MONOTONIC, nanoseconds; 0 for requests. */
	u64 began;
};

/* The requests that are served, by goroutine. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct open_span);
} open_requests SEC(".maps");

/* The innermost operation of each goroutine. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct open_span);
} open_spans SEC(".maps");

/*
 * Spans that the application makes without an SDK, by the address of Go's object. They stay when they have ended: as
 * long as a context holds one, what begins with it is its child. The agent sets the size, 1 where there are none.
 */
struct made_span {
	struct open_span self;
	struct span_link link;
	/* library_id */
	u32 library;
	enum parent_kind parent;
	u8 _pad[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, struct made_span);
} made_spans SEC(".maps");

volatile const u16 g_parent_goid = ABSENT;
volatile const u16 g_m = ABSENT;
volatile const u16 m_p = ABSENT;
volatile const u16 p_goid_cache = ABSENT;
volatile const u16 p_goid_cache_end = ABSENT;
/* Where runtime.sched.goidgen is in the target's memory; 0: not known. */
volatile const u64 goid_generator = 0;

/* What is left of the goroutine ids that a processor of Go's scheduler has taken. */
struct goid_batch {
	u64 from;
	u64 to;
};

/* The processor that a goroutine runs on, and its batch; 0 when that can't be read. */
static __always_inline u64 read_goid_batch(struct goid_batch *batch, u64 g)
{
	u64 p;

	if (g_m == ABSENT || m_p == ABSENT || p_goid_cache == ABSENT ||
	    p_goid_cache_end != p_goid_cache + sizeof(u64))
		return 0;
	p = read_word(read_word(g + g_m) + m_p);
	if (!p || bpf_probe_read_user(batch, sizeof(*batch), (const void *)(p + p_goid_cache)))
		return 0;
	return p;
}

/*
 * A processor of Go's scheduler takes goroutine ids in batches, and hands them out in order (newproc1 in
 * src/runtime/proc.go): what is left of this processor's batch, and all batches taken from now on, are of goroutines
 * that start from now on. Returns the processor.
 */
static __always_inline u64 note_fresh_goids(struct open_span *span, u64 g)
{
	struct goid_batch batch = {};
	u64 newest = 0;
	u64 p;

	span->started_after = ~0ULL;
	if (goid_generator && !bpf_probe_read_user(&newest, sizeof(newest), (const void *)goid_generator))
		span->started_after = newest;
	p = read_goid_batch(&batch, g);
	span->processor = p;
	if (p) {
		span->fresh_from = batch.from;
		span->fresh_to = batch.to;
	}
	return p;
}

/* Whether a goroutine of this id surely started after what has noted these: see struct open_span. */
static __always_inline int is_among_fresh(u64 goid, u64 from, u64 to, u64 started_after)
{
	return goid > started_after || (goid >= from && goid < to);
}

/* Whether the goroutine of this id surely started after the span did. */
static __always_inline int is_fresh(const struct open_span *span, u64 goid)
{
	return is_among_fresh(goid, span->fresh_from, span->fresh_to, span->started_after);
}
