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

static __always_inline void new_span_id(struct span_header *span)
{
	u32 *id = (u32 *)span->span_id;

	id[0] = bpf_get_prandom_u32();
	id[1] = bpf_get_prandom_u32() | 1; /* never all zero */
}

static __always_inline void new_trace_id(struct span_header *span)
{
	u32 *id = (u32 *)span->trace_id;

	id[0] = bpf_get_prandom_u32();
	id[1] = bpf_get_prandom_u32();
	id[2] = bpf_get_prandom_u32() | 1;
	id[3] = bpf_get_prandom_u32();
}
