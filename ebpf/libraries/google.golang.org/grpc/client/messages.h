/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Messages of a stream: how often SendMsg and RecvMsg were called. Each call of RecvMsg but the last has brought one;
 * the last one hasn't when the stream ends within it.
 */
#pragma once

#include "client.h"
#include "late.h"
#include "return_site.h"

volatile const u16 g_sched = ABSENT;

/* On arm64 a function has its return address in its own frame, whose size is not known: there the depth alone tells. */
#if defined(__TARGET_ARCH_x86)
static __always_inline u64 return_address_at(u64 at)
{
	u64 address = 0;

	bpf_probe_read_user(&address, sizeof(address), (const void *)at);
	return address;
}
#else
#define return_address_at(at) ((void)(at), 0ULL)
#endif

static __always_inline void message_sent(struct pt_regs *ctx)
{
	u64 stream = GO_ARG0(ctx);
	struct grpc_call *call;

	if (STACK_CHECK_FAILS(ctx))
		return;
	call = bpf_map_lookup_elem(&grpc_client_streams, &stream);
	if (call && call->is_counted)
		__sync_fetch_and_add(&call->sent, 1);
}

/* One goroutine at a time may be in there. */
static __always_inline void message_wanted(struct pt_regs *ctx)
{
	u64 stream = GO_ARG0(ctx);
	struct grpc_call *call;

	if (STACK_CHECK_FAILS(ctx))
		return;
	call = bpf_map_lookup_elem(&grpc_client_streams, &stream);
	if (!call || !call->is_counted)
		return;
	call->reader.calls++;
	call->reader.g = GO_G(ctx);
	call->reader.goid = current_goid(ctx);
	call->reader.depth = stack_depth(ctx);
	call->reader.return_address = return_address_at(STACK_POINTER(ctx));
}

/*
 * Whether the last call of RecvMsg is still under way: the call's return address is where it was, and its goroutine
 * stands deeper on its stack. What a goroutine calls after its return lies over that place. Of one that runs at this
 * moment Go doesn't keep where it stands: it has just been woken by what finishes the stream.
 */
static __always_inline int is_reading(const struct stream_reader *reader, u64 own_g, u64 own_pointer)
{
	u64 goid = 0, high = 0, pointer = own_pointer;
	u64 at;

	if (bpf_probe_read_user(&goid, sizeof(goid), (const void *)(reader->g + g_goid)) || goid != reader->goid ||
	    bpf_probe_read_user(&high, sizeof(high), (const void *)(reader->g + g_stack + GO_STACK_HI)))
		return 0;
	at = high - reader->depth;
	if (reader->g != own_g) {
		pointer = 0;
		if (g_sched != ABSENT)
			bpf_probe_read_user(&pointer, sizeof(pointer),
					    (const void *)(reader->g + g_sched + GO_GOBUF_SP));
	}
	return pointer < at && return_address_at(at) == reader->return_address;
}

/* `is_complete`: RecvMsg itself has finished the stream, which has one message, and RecvMsg has that. */
static __always_inline u64 messages_received(const struct stream_reader *reader, int is_complete, u64 own_g,
					     u64 own_pointer)
{
	if (!reader->calls || is_complete)
		return reader->calls;
	return reader->calls - is_reading(reader, own_g, own_pointer);
}
