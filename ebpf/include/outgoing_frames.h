/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The socket tier's, of HTTP/2: frames of headers that are about to be written, by connection. One goroutine writes to
 * a connection, frame after frame into a buffer, which it sends by and by: so it is known where in what the connection
 * sends a frame will begin, and the frames are looked for in that order.
 */
#pragma once

#include "kernel_memory.h"
#include "outgoing.h"

/* Of a connection that frames were left for. */
struct outgoing_connection {
	/* Its struct sock. */
	u64 sock;
	/* Bytes that were added to what the program sent, since frames wait. */
	u32 added;
	/* Those that wait: `first` up to, and without, `next`. */
	u32 first;
	u32 next;
	/* propagation/socket/frames.h: in bytes that the program has sent, where the message begins that is looked at. */
	u32 at;
	/* In that message: bytes in its first piece of memory, and those that surely go out at once. */
	u32 first_piece;
	u32 fitting;
	/* Bytes that were added to it. */
	u32 added_here;
	/* Where in it the last of those that were added is. */
	u32 end;
};

/* Keyed by socket cookie. Old ones may go (LRU): nothing tells that a connection has ended. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct outgoing_connection);
} outgoing_connections SEC(".maps");

struct outgoing_frame_key {
	u64 cookie;
	u32 number;
	u32 _pad;
};

struct outgoing_frame {
	/* Where it begins, in bytes that the program has sent on this connection; they are counted on beyond 2^32. */
	u32 position;
	u32 stream;
	/* Its text are fields: outgoing_fields.h. */
	struct outgoing_head fields;
};

/* As `outgoing_heads`, and likewise of another size where there are few CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct outgoing_frame_key);
	__type(value, struct outgoing_frame);
} outgoing_frames SEC(".maps");

/* Most frames that wait for one connection: a gRPC buffer of 32 KiB holds some 500. */
#define MAX_WAITING 2048

/* Bytes that the program has sent on a connection, but for a constant. */
static __always_inline u32 bytes_written(const struct outgoing_settings *settings,
					 const struct outgoing_connection *connection)
{
	return kernel_half_word(connection->sock + settings->tcp_written) - connection->added;
}
