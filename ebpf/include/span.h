/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What every record on the ring begins with. */
#pragma once

#include "go.h"

enum parent_kind {
	PARENT_none,
	PARENT_remote,
	PARENT_local,
} __attribute__((packed));

#define FLAG_SAMPLED 1

/* Whether a rule for a request's path has decided about it, path_rules.h; then what the request does follows it. */
enum ruling {
	RULING_none,
	/* By the share that the rule names. */
	RULING_ratio,
	/* Not recorded, whoever asks for it. */
	RULING_left_out,
} __attribute__((packed));

enum record_kind {
	RECORD_span,
	/* struct unknown_return, return_site.h */
	RECORD_unknown_return,
	/* What a library tells its own part of the agent. */
	RECORD_library,
	/* A request without a route, which a ServeMux may tell: a record_header alone. */
	RECORD_routes_wanted,
	/* struct captured_headers, captured_headers.h */
	RECORD_captured_headers,
	/* The library's program has come to what its late probes are for, late.h: a record_header alone. */
	RECORD_late_wanted,
	/* Of these three the agent makes a span's end, lasting.h: struct lasting_span, and struct lasting_note twice. */
	RECORD_lasting_span,
	RECORD_next_asked,
	RECORD_acknowledged,
	/* struct addition, addition.h */
	RECORD_addition,
	/* struct unknown_goroutine, goroutines.h */
	RECORD_unknown_goroutine,
} __attribute__((packed));

struct record_header {
	/* Its place in the registry of this run. */
	u32 library;
	enum record_kind kind;
	u8 _pad[3];
};

struct span_link {
	u8 trace_id[16];
	u8 span_id[8];
};

struct span_header {
	struct record_header record;
	/* CLOCK_MONOTONIC, nanoseconds. */
	u64 start_ns;
	u64 end_ns;
	u8 trace_id[16];
	u8 span_id[8];
	u8 parent_span_id[8];
	u8 trace_flags;
	enum parent_kind parent;
	/* 1: the agent hears of it, as a span or only to measure it. */
	u8 is_wanted;
	/* How many records of captured headers came before this one. */
	u8 captured;
	enum ruling ruling;
	u8 _pad[3];
	/* Of one without a parent: what its goroutine was started for, where that has ended. All zero: none. */
	struct span_link link;
};

/* What a span hands on to its children. */
struct span_context {
	u8 trace_id[16];
	u8 span_id[8];
	u8 trace_flags;
	u8 is_wanted;
	enum ruling ruling;
	u8 _pad[5];
};

static __always_inline void context_of(struct span_context *context, const struct span_header *span)
{
	__builtin_memcpy(context->trace_id, span->trace_id, sizeof(context->trace_id));
	__builtin_memcpy(context->span_id, span->span_id, sizeof(context->span_id));
	context->trace_flags = span->trace_flags;
	context->is_wanted = span->is_wanted;
	context->ruling = span->ruling;
}

/* Ids must not be zero, but no bit may be fixed for that: samplers look at how trace ids are spread. */
static __always_inline void new_span_id(struct span_header *span)
{
	u32 *id = (u32 *)span->span_id;

	id[0] = bpf_get_prandom_u32();
	id[1] = bpf_get_prandom_u32();
	if (!(id[0] | id[1]))
		id[0] = 1;
}

static __always_inline void new_trace_id(struct span_header *span)
{
	u32 *id = (u32 *)span->trace_id;

	for (int i = 0; i < 4; i++)
		id[i] = bpf_get_prandom_u32();
	if (!(id[0] | id[1] | id[2] | id[3]))
		id[0] = 1;
}
