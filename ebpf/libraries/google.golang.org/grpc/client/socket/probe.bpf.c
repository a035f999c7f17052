// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Trace context of gRPC's calls over connections of plain TCP, for the program on their sockets
 * (ebpf/propagation/socket). These programs read the target's memory only.
 */

#include "events.h"
#include "frames.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* (*loopyWriter).writeHeader(loopy, stream, …) */
static __always_inline void headers_written(struct pt_regs *ctx)
{
	const struct outgoing_call *call;
	u64 key;

	call = written_call(ctx, &key);
	if (!call)
		return;
	hand_over_frame(call, writer_of(GO_ARG0(ctx)), GO_ARG1(ctx));
	bpf_map_delete_elem(&outgoing_calls, &key);
}

GO_PROBE(grpc_client_fields_made, fields_made)
GO_PROBE(grpc_client_headers_written, headers_written)
