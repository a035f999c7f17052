/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * How much of a message a connection takes for certain. When the kernel takes a part of a message only, it tells the
 * program as many bytes fewer as were added behind that part (tcp_bpf_send_verdict), and asks nobody about what the
 * program then sends again: so bytes are added only where all up to them surely goes out at once.
 */
#pragma once

#include "kernel_memory.h"
#include "outgoing.h"

/* Most that the kernel counts for a segment beside its bytes: 1,280 usually, more with CONFIG_MAX_SKB_FRAGS=45. */
#define SEGMENT_OVERHEAD 2304
/*
 * Whatever lies in memory of its own may begin a segment, and the kernel wants room when it begins one: the fields of a
 * frame, and what is behind them.
 */
#define FRAME_OVERHEAD (2 * SEGMENT_OVERHEAD)

/* What tcp_stream_memory_free() leaves: net.ipv4.tcp_notsent_lowat, or the socket option. */
static __always_inline u32 unsent_room(const struct outgoing_settings *settings, u64 sock)
{
	u32 limit = kernel_half_word(sock + settings->tcp_unsent_limit);
	u32 unsent = kernel_half_word(sock + settings->tcp_written) - kernel_half_word(sock + settings->tcp_sent);

	if (!limit)
		limit = kernel_half_word(kernel_word(sock + settings->sock_net) + settings->net_ipv4 +
					 settings->ipv4_unsent_limit);
	return unsent < limit ? limit - unsent : 0;
}

/* What is left of the socket's send buffer: sk_stream_memory_free(). */
static __always_inline u32 buffer_room(const struct outgoing_settings *settings, u64 sock)
{
	u32 queued = kernel_half_word(sock + settings->sock_queued);
	u32 limit = kernel_half_word(sock + settings->sock_send_buffer);

	return queued < limit ? limit - queued : 0;
}

/* Bytes in one piece of memory that surely go out at once. */
static __always_inline u32 fitting_bytes(const struct outgoing_settings *settings, u64 sock)
{
	u64 room = buffer_room(settings, sock), unsent = unsent_room(settings, sock);
	u64 segment = kernel_half_word(sock + settings->tcp_segment);

	if (unsent < room)
		room = unsent;
	return room * segment / (segment + SEGMENT_OVERHEAD);
}
