/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
#pragma once

#include "counters.h"

/* The agent sets its real size before the load. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/* Bytes waiting at which the reader is woken; it comes by on a timer otherwise. */
volatile const u32 wake_at = 0;

/*
 * A wake-up costs fifty times a submit, so only the record that carries the ring over the mark wakes the reader.
 */
static __always_inline u64 wake_flags(u32 size)
{
	u64 waiting = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	return waiting < wake_at && waiting + size >= wake_at ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline int send(void *record, u32 size)
{
	return bpf_ringbuf_output(&events, record, size, wake_flags(size));
}

/* A span's record. */
static __always_inline int submit(void *record, u32 size)
{
	int error = send(record, size);

	count(error ? COUNTER_ring_full : COUNTER_submitted);
	return error;
}
