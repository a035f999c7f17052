/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Goroutines that a request, or a message, has started: which span each has (ebpf/libraries/goroutines), and what those
 * are linked to that go on when what they were started for has ended. By settings.goroutines; else all of it is empty.
 */
#pragma once

#include "events.h"
#include "open_spans.h"
#include "sampling.h"
#include "started_for.h"

volatile const u16 g_startpc = ABSENT;

/* The span of a goroutine, from its function's entry to its return. The agent sets the size. */
struct goroutine_span {
	struct open_span self;
	u64 starter;
	/* 1: it has done work of another trace. */
	u8 is_shared;
	u8 _pad[7];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, struct goroutine_span);
} goroutine_spans SEC(".maps");

/* Functions that goroutines began with which the agent was told of, by address. Their value says nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, u64);
} goroutine_functions SEC(".maps");

struct unknown_goroutine {
	struct record_header record;
	/* What it began with. */
	u64 function;
};

/* What a goroutine has served, or been, and has ended; one that isn't sampled is no link, but ends the one before. */
struct ended_span {
	struct span_link link;
	/* As in struct open_span. */
	u64 fresh_from;
	u64 fresh_to;
	u64 started_after;
	u64 processor;
	/* CLOCK_MONOTONIC, nanoseconds; from then on it is no link. */
	u64 until_ns;
	u64 is_sampled;
};

/* A power of 2. Requests of one connection that goroutines are linked to: the last ones. */
#define ENDED_SPANS 8

struct ended_spans {
	struct ended_span spans[ENDED_SPANS];
	/* How many there were: the last is at (count - 1) % ENDED_SPANS. */
	u64 count;
};

/* By goroutine: those not used for the longest time go. The agent sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, struct ended_spans);
} ended_spans SEC(".maps");

/* What a new entry is copied from: the stack has no room for it. */
static const struct ended_spans none_ended;

/* Behind the end of what it was started for, a goroutine is no longer linked to it. */
#define LINKED_NS 60000000000ULL

static __always_inline enum goroutines goroutines_wanted(void)
{
	const struct settings *s = current_settings();

	return s ? s->goroutines : GOROUTINES_off;
}

/* The goroutine that started this one; 0: not known. */
static __always_inline u64 starter_of(u64 g)
{
	u64 starter = 0;

	if (g_parent_goid != ABSENT)
		bpf_probe_read_user(&starter, sizeof(starter), (const void *)(g + g_parent_goid));
	return starter;
}

/*
 * What a goroutine serves ends, a request or a message, or with `is_own` its own span. A global function, as it is called
 * at several depths (test/kernel/subprograms.test.ts).
 */
__attribute__((noinline)) int keep_ended(u64 goid, u64 is_own)
{
	const struct open_span *span = is_own ? bpf_map_lookup_elem(&goroutine_spans, &goid) :
						bpf_map_lookup_elem(&open_requests, &goid);
	struct ended_spans *all;
	struct ended_span *ended;

	if (!span || goroutines_wanted() == GOROUTINES_off)
		return 0;
	bpf_map_update_elem(&ended_spans, &goid, &none_ended, BPF_NOEXIST);
	all = bpf_map_lookup_elem(&ended_spans, &goid);
	if (!all)
		return 0;
	ended = &all->spans[all->count & (ENDED_SPANS - 1)];
	__builtin_memcpy(&ended->link, &span->context, sizeof(ended->link));
	ended->fresh_from = span->fresh_from;
	ended->fresh_to = span->fresh_to;
	ended->started_after = span->started_after;
	ended->processor = span->processor;
	ended->until_ns = bpf_ktime_get_ns() + LINKED_NS;
	ended->is_sampled = span->context.trace_flags & FLAG_SAMPLED && !span->left_to_application;
	all->count++;
	return 0;
}

/* When a goroutine began the next: what was left of its processor's batch. */
struct next_begun {
	u64 from;
	u64 to;
	u64 processor;
};

/*
 * Whether the goroutine of this id, which started after `ended` began, surely did so before the next began: its id was
 * taken from the batch by then, or is of one that was used up.
 */
static __always_inline int is_older(u64 goid, const struct ended_span *ended, const struct next_begun *next)
{
	if (next->to >= BATCH && goid < next->from && goid >= next->to - BATCH)
		return 1;
	return next->processor && next->processor == ended->processor && next->to != ended->fresh_to &&
	       goid >= ended->fresh_from && goid < ended->fresh_to;
}

/*
 * Where in `ended_spans` of `starter` that is which it surely served when it started the goroutine `goid`, plus 1; 0:
 * there is none, or one not known. A global function, verified once.
 */
__attribute__((noinline)) u32 find_ended(u64 starter, u64 goid)
{
	const struct ended_spans *all = bpf_map_lookup_elem(&ended_spans, &starter);
	const struct open_span *now = bpf_map_lookup_elem(&open_requests, &starter);
	struct next_begun next = {};
	/* Nothing came behind the last one. */
	int is_last = !now;
	u64 count;

	if (!all)
		return 0;
	if (now) {
		next.from = now->fresh_from;
		next.to = now->fresh_to;
		next.processor = now->processor;
	}
	count = all->count;
	for (u32 i = 1; i <= ENDED_SPANS; i++) {
		u32 at = (count - i) & (ENDED_SPANS - 1);
		const struct ended_span *ended = &all->spans[at];

		if (i > count)
			break;
		if (is_among_fresh(goid, ended->fresh_from, ended->fresh_to, ended->started_after))
			return is_last || is_older(goid, ended, &next) ? at + 1 : 0;
		is_last = 0;
		next.from = ended->fresh_from;
		next.to = ended->fresh_to;
		next.processor = ended->processor;
	}
	return 0;
}

/* Gives a span without a parent its link, if there is one. */
static __always_inline int link_to_ended(struct span_link *link, u64 starter, u64 goid)
{
	const struct ended_spans *all;
	const struct ended_span *ended;
	u32 found = starter && goroutines_wanted() != GOROUTINES_off ? find_ended(starter, goid) : 0;

	all = found ? bpf_map_lookup_elem(&ended_spans, &starter) : 0;
	if (!all)
		return 0;
	ended = &all->spans[(found - 1) & (ENDED_SPANS - 1)];
	if (!ended->is_sampled || bpf_ktime_get_ns() >= ended->until_ns)
		return 0;
	__builtin_memcpy(link, &ended->link, sizeof(*link));
	return 1;
}

/*
 * Whether the span of a goroutine is the parent of what it does: as long as what it was started for goes on, and for a
 * while behind that. Workers live on; what they do then, or for others, is none of it.
 */
static __always_inline int is_at_work(const struct goroutine_span *goroutine)
{
	const struct open_span *request;

	if (goroutine->is_shared)
		return 0;
	if (bpf_ktime_get_ns() < goroutine->self.began + PATIENCE_NS)
		return 1;
	request = bpf_map_lookup_elem(&open_requests, &goroutine->starter);
	return request && *(const u64 *)request->context.span_id == *(const u64 *)goroutine->self.parent_span_id;
}

static __always_inline struct goroutine_span *span_of_goroutine(u64 goid)
{
	struct goroutine_span *goroutine = bpf_map_lookup_elem(&goroutine_spans, &goid);

	return goroutine && is_at_work(goroutine) ? goroutine : 0;
}

/* Not inlined: for its type's BTF. */
static __attribute__((noinline)) int send_unknown(struct unknown_goroutine *unknown)
{
	return bpf_ringbuf_output(&events, unknown, sizeof(*unknown), BPF_RB_FORCE_WAKEUP);
}

/* Once for each function; when the ring is full the next goroutine asks again. Global as keep_ended. */
__attribute__((noinline)) int tell_goroutine(u64 function)
{
	struct unknown_goroutine unknown = {
		.record = {.library = library_id, .kind = RECORD_unknown_goroutine},
		.function = function,
	};
	u64 asked = 1;

	if (!bpf_map_update_elem(&goroutine_functions, &function, &asked, BPF_NOEXIST) && send_unknown(&unknown))
		bpf_map_delete_elem(&goroutine_functions, &function);
	return 0;
}

/* Goroutines that begin as this one did shall have spans: the agent finds out how. */
static __always_inline void ask_for_goroutine(u64 g)
{
	u64 function;

	if (g_startpc == ABSENT || goroutines_wanted() != GOROUTINES_spans)
		return;
	function = read_word(g + g_startpc);
	if (function && !bpf_map_lookup_elem(&goroutine_functions, &function))
		tell_goroutine(function);
}
