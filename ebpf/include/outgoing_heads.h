/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The socket tier's: what waits for each connection, and how a uprobe finds the connection's key. */
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

static __always_inline u64 kernel_word(u64 address)
{
	u64 word = 0;

	if (address)
		bpf_probe_read_kernel(&word, sizeof(word), (const void *)address);
	return word;
}

/*
 * The cookie of the socket behind a descriptor of the current process. 0: not a socket that anyone gave a cookie,
 * or not readable.
 */
static __always_inline u64 socket_cookie(const struct outgoing_settings *settings, u32 descriptor)
{
	u64 files = kernel_word(bpf_get_current_task() + settings->task_files);
	u64 table = files ? kernel_word(files + settings->files_table) : 0;
	u64 open = table ? kernel_word(table + settings->table_files) : 0;
	u64 file = open ? kernel_word(open + 8ULL * descriptor) : 0;
	u64 socket = file ? kernel_word(file + settings->file_socket) : 0;
	u64 sock = socket ? kernel_word(socket + settings->socket_sock) : 0;

	return sock ? kernel_word(sock + settings->sock_cookie) : 0;
}
