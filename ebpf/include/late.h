/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Probes that a library needs only for a part of what it sees, and that cost nothing until that comes: they are
 * attached when its program first asks for them (`late` in the descriptor, src/session/late-probes.ts).
 */
#pragma once

#include "events.h"
#include "span.h"

/* Keyed by library_id: not 0 as long as they are attached. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_LIBRARIES);
	__type(key, u32);
	__type(value, u32);
} late_attached SEC(".maps");

/* The agent has been asked. */
volatile u8 late_asked = 0;

/*
 * 1: what begins now is seen by the late probes from its beginning to its end. 0: not by all of them; the agent has
 * been asked to attach them, for what comes after. When the ring is full the next call asks again.
 */
static __always_inline int late_probes_are_there(void)
{
	struct record_header wanted = {.library = library_id, .kind = RECORD_late_wanted};
	u32 key = library_id;
	const u32 *attached = bpf_map_lookup_elem(&late_attached, &key);

	if (attached && *attached)
		return 1;
	if (late_asked)
		return 0;
	late_asked = 1;
	if (bpf_ringbuf_output(&events, &wanted, sizeof(wanted), BPF_RB_FORCE_WAKEUP))
		late_asked = 0;
	return 0;
}
