/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Up to which place something has been acknowledged, such as a partition that somebody reads: see lasting.h. */
#pragma once

#include "types.h"

/* By line. A line that is forgotten is as one in which nothing was acknowledged. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, u64);
} acknowledged_places SEC(".maps");

static __always_inline int is_acknowledged(u64 line, u64 position)
{
	const u64 *last = bpf_map_lookup_elem(&acknowledged_places, &line);

	return last && *last >= position;
}

static __always_inline void keep_acknowledged(u64 line, u64 position)
{
	if (!is_acknowledged(line, position))
		bpf_map_update_elem(&acknowledged_places, &line, &position, BPF_ANY);
}
