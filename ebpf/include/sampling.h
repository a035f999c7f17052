/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The six standard samplers, decided where the request starts, so that an unsampled one costs no event, unless it is
 * measured.
 * The ratio is the Go SDK's: big-endian bytes 8 to 15 of the trace id, without their lowest bit, below
 * ratio * 2^63 (go.opentelemetry.io/otel/sdk/trace, sampling.go, traceIDRatioSampler).
 */
#pragma once

#include <bpf/bpf_endian.h>

#include "propagators.h"
#include "span.h"

enum sampler_root {
	SAMPLER_off,
	SAMPLER_on,
	SAMPLER_ratio,
} __attribute__((packed));

enum goroutines {
	GOROUTINES_off,
	/* Work that goes on when its request has ended is linked to that. */
	GOROUTINES_links,
	/* And goroutines that a request starts have spans. */
	GOROUTINES_spans,
} __attribute__((packed));

struct settings {
	/* Trace ids below it are sampled by SAMPLER_ratio. */
	u64 ratio_bound;
	enum sampler_root root;
	/* A span with a parent takes its parent's decision. */
	u8 parent_based;
	/* Headers that a remote parent is read from. */
	enum propagator propagators;
	/* Operations that are not sampled are submitted too: the agent measures them. */
	u8 measure_unsampled;
	/* How many path rules there are, and the place of the first one: path_rules.h. */
	u8 path_rules;
	u8 first_path_rule;
	enum goroutines goroutines;
	u8 _pad;
};

/* Written by the agent, also while it runs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct settings);
} settings SEC(".maps");

static __always_inline const struct settings *current_settings(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&settings, &key);
}

static __always_inline int is_below(const struct span_header *span, u64 bound)
{
	return bpf_be64_to_cpu(*(const u64 *)&span->trace_id[8]) >> 1 < bound;
}

static __always_inline int is_parents_to_decide(const struct settings *s, const struct span_header *span)
{
	return s->parent_based && span->parent != PARENT_none;
}

static __always_inline int is_sampled(const struct span_header *span)
{
	const struct settings *s = current_settings();

	if (!s)
		return 0;
	if (span->ruling != RULING_none || is_parents_to_decide(s, span))
		return span->trace_flags & FLAG_SAMPLED;
	if (s->root != SAMPLER_ratio)
		return s->root == SAMPLER_on;
	return is_below(span, s->ratio_bound);
}

/* At the end of an operation that is not recorded. */
static __always_inline void count_unsampled(const struct span_header *span)
{
	count(span->ruling == RULING_left_out ? COUNTER_left_out : COUNTER_unsampled);
}

/* Makes `trace_flags` the sampler's decision, and says whether the agent hears of the span. */
static __always_inline void decide(struct span_header *span)
{
	const struct settings *s = current_settings();

	span->trace_flags = is_sampled(span) ? FLAG_SAMPLED : 0;
	span->is_wanted = span->trace_flags || (s && s->measure_unsampled && span->ruling != RULING_left_out);
}
