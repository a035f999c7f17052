/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Trace context on its way out of the target: as text that is ready to be put into a request, by the program on its
 * socket (outgoing_heads.h, propagation/socket) or into the buffer that the target sends it from
 * (libraries/net/http/client/write).
 */
#pragma once

#include "handed_on.h"
#include "propagators.h"
#include "types.h"

struct outgoing_settings {
	/* What is written; 0: nothing. */
	enum propagator propagators;
	u8 _pad;
	/*
	 * The kernel's own structs from a task to its socket's cookie: task_struct.files, files_struct.fdt, fdtable.fd,
	 * file.private_data, socket.sk, sock_common.skc_cookie. Bytes; the agent reads them from the kernel's BTF.
	 */
	u16 task_files;
	u16 files_table;
	u16 table_files;
	u16 file_socket;
	u16 socket_sock;
	u16 sock_cookie;
	/*
	 * How far a connection has sent, and how much more it takes at once: tcp_sock.write_seq, tcp_sock.snd_nxt,
	 * tcp_sock.mss_cache, sock.sk_wmem_queued, sock.sk_sndbuf, tcp_sock.notsent_lowat, sock_common.skc_net, net.ipv4,
	 * netns_ipv4.sysctl_tcp_notsent_lowat.
	 */
	u16 tcp_written;
	u16 tcp_sent;
	u16 tcp_segment;
	u16 sock_queued;
	u16 sock_send_buffer;
	u16 tcp_unsent_limit;
	u16 sock_net;
	u16 net_ipv4;
	u16 ipv4_unsent_limit;
};

/* Written by the agent, also while it runs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct outgoing_settings);
} outgoing_settings SEC(".maps");

/* What became of the requests whose context was to go out this way. */
enum outgoing_count {
	/*
	 * Left for the socket. Each of them becomes one of: written, own header, not http, head too long, refused, dropped, in
	 * two parts, no room.
	 */
	OUTGOING_handed_over,
	OUTGOING_written,
	/* The request has a trace header of its own: it was left as it is. */
	OUTGOING_own_header,
	/* What the connection sent is not a request of HTTP/1, or the frame of HTTP/2 that was expected. */
	OUTGOING_not_http,
	OUTGOING_head_too_long,
	/* The kernel had no memory or no room in the message. The request went out without a header. */
	OUTGOING_refused,
	/* As `refused`, but the message could not be restored and the kernel answered the write with an error. */
	OUTGOING_dropped,
	/* Not a plain TCP connection: TLS, or a type of the application's. */
	OUTGOING_other_connection,
	/* The socket is not one of those that are watched: the connection is older than the agent and was not found. */
	OUTGOING_not_watched,
	/* The connection could not be read. */
	OUTGOING_unreadable,
	/* A tracestate or baggage for which there is no room: the other headers went out. */
	OUTGOING_left_out,
	/* A connection that the kernel did not take: no room, or another program watches it. */
	OUTGOING_not_watchable,
	/* HTTP/2: the program's own buffer was full in the middle of the frame, which was written in two parts. */
	OUTGOING_in_two_parts,
	/* HTTP/2: the socket's buffer had no room for certain, or the frame had gone before there was. */
	OUTGOING_no_room,
	OUTCOMES,
};

/* Each tier has an account of its own; those of another name say so before they include this. */
#ifndef TIER_COUNTS
#define TIER_COUNTS outgoing_counts
#endif

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, u32);
	__type(value, u64);
} TIER_COUNTS SEC(".maps");

/* A global function, as count_times is. */
__attribute__((noinline)) int count_outgoing(enum outgoing_count which)
{
	u32 key = which;
	u64 *value = bpf_map_lookup_elem(&TIER_COUNTS, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

/* Room for all formats together with a tracestate and a baggage of OUTGOING_VALUE bytes. */
#define OUTGOING_BYTES 1280
#define OUTGOING_VALUE MAX_HANDED_ON

/* Header lines of one request, each with its line's end, and how far the head of that request has been read. */
struct outgoing_head {
	/* Bytes of `text`, and of its last line, Baggage, if there is one. */
	u16 length;
	u16 baggage;
	/* The reader's own: propagation/socket/head.h. A head may take more than one write. */
	u32 at;
	u8 begun;
	u8 in_headers;
	u8 column;
	u8 candidates;
	u8 found;
	u8 _pad[3];
	/* Of the value that was read last: handed_on.h. */
	u64 sum;
	u8 text[OUTGOING_BYTES];
};

static __always_inline const struct outgoing_settings *outgoing_config(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&outgoing_settings, &key);
}
