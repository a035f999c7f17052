/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Goroutines that were started for a message which their starter has given way to the next one meanwhile, as in
 *   for { m := reader.FetchMessage(ctx); go handle(m) }
 * Their ids are known where it asks for the next: those that its processor has handed out since the message came. With
 * its own id as their starter's that is sure; what its processor was changed for in between is not in here. They have it
 * as their parent only while that is open: a goroutine that lives on may do the work of any message.
 */
#pragma once

#include "acknowledged.h"
#include "open_spans.h"

struct started_for {
	struct open_span span;
	u64 starter;
	/* From then on it is no parent, nor when it is acknowledged: src/spans/lasting.ts has ended it. */
	u64 until_ns;
	u64 line;
	u64 position;
};

/* By goroutine. Nothing tells when one has ended: the oldest go. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct started_for);
} started_goroutines SEC(".maps");

/* As `patience` in src/spans/lasting.ts. */
#define PATIENCE_NS 30000000000ULL

/* Ids of one batch: _GoidCacheBatch in src/runtime/proc.go. */
#define BATCH 16

static __always_inline const struct open_span *what_started(u64 goid, u64 starter)
{
	const struct started_for *started = bpf_map_lookup_elem(&started_goroutines, &goid);

	if (!started || started->starter != starter || bpf_ktime_get_ns() >= started->until_ns ||
	    is_acknowledged(started->line, started->position))
		return 0;
	return &started->span;
}

/*
 * What the goroutine `starter` has had gives way, and is open until it is acknowledged there. `p` is the processor that
 * it was on when that came: on another one now it may have started any, and which is not known.
 */
static __always_inline void keep_started(const struct open_span *span, u64 starter, u64 g, u64 p, u64 line,
					 u64 position)
{
	struct started_for started = {.span = *span, .starter = starter, .line = line, .position = position};
	struct goid_batch now = {};
	u64 goid = span->fresh_from;

	if (!p || read_goid_batch(&now, g) != p)
		return;
	started.until_ns = bpf_ktime_get_ns() + PATIENCE_NS;
	for (u32 i = 0; i < 2 * BATCH; i++) {
		/* What was left of its batch then is used up, and a new one begun. */
		if (goid == span->fresh_to && now.to != span->fresh_to)
			goid = now.to - BATCH;
		if (goid == now.from)
			break;
		bpf_map_update_elem(&started_goroutines, &goid, &started, BPF_ANY);
		goid++;
	}
}

/* The goroutine has done with what it was started for. */
static __always_inline void forget_started(u64 goid)
{
	bpf_map_delete_elem(&started_goroutines, &goid);
}
