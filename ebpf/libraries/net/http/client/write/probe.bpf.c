// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Trace context in requests of net/http's client that can't get it on their sockets. These programs write to the
 * target's memory, into buffers that are about to be sent, and so don't load where the kernel is locked down.
 */

#define TIER_COUNTS write_counts

#include "events.h"
#include "http1.h"
#include "http2.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 framer_buffer = ABSENT;
volatile const u16 headers_block = ABSENT;
volatile const u16 headers_end_headers = ABSENT;
volatile const u16 headers_pad_length = ABSENT;

volatile const u16 x_framer_buffer = ABSENT;
volatile const u16 x_headers_block = ABSENT;
volatile const u16 x_headers_end_headers = ABSENT;
volatile const u16 x_headers_pad_length = ABSENT;

static __always_inline struct framer_layout net_http_layout(void)
{
	return (struct framer_layout){framer_buffer, headers_block, headers_end_headers, headers_pad_length};
}

static __always_inline struct framer_layout x_net_layout(void)
{
	return (struct framer_layout){x_framer_buffer, x_headers_block, x_headers_end_headers, x_headers_pad_length};
}

#define NET_HTTP_FRAME_BEGUN(ctx) frame_begun(ctx, net_http_layout())
#define NET_HTTP_FRAME_ENDED(ctx) frame_ended(ctx, net_http_layout())
#define X_NET_FRAME_BEGUN(ctx) frame_begun(ctx, x_net_layout())
#define X_NET_FRAME_ENDED(ctx) frame_ended(ctx, x_net_layout())

GO_PROBE(http_client_connection_taken, connection_taken)
GO_PROBE(http_client_headers_written, headers_written)
GO_PROBE(http_client_stream_taken, stream_taken)
GO_PROBE(http_client_stream_begun, stream_begun)
GO_PROBE(http_client_frame_begun, NET_HTTP_FRAME_BEGUN)
GO_PROBE(http_client_frame_ended, NET_HTTP_FRAME_ENDED)
GO_PROBE(http_client_x_frame_begun, X_NET_FRAME_BEGUN)
GO_PROBE(http_client_x_frame_ended, X_NET_FRAME_ENDED)
