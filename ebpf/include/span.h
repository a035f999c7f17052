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

struct span_header {
	/* CLOCK_MONOTONIC, nanoseconds. */
	u64 start_ns;
	u64 end_ns;
	u8 trace_id[16];
	u8 span_id[8];
	u8 parent_span_id[8];
	u32 library;
	u8 trace_flags;
	enum parent_kind parent;
	u16 _pad;
};

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
