/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The socket tier's, of HTTP/1: what waits for each connection. */
#pragma once

#include "outgoing.h"

/*
 * Keyed by socket cookie. An entry is there from the request's start on its connection to the write of its head:
 * microseconds, unless the request is given up meanwhile. That is why old ones may be evicted (LRU). The agent makes
 * the map smaller where there are few CPUs: src/kernel/socket-tier.ts.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct outgoing_head);
} outgoing_heads SEC(".maps");
