/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Streams that live on: from where their goroutine is started they are known by their address, until they are finished. */
#pragma once

#include "messages.h"
#include "operation.h"

/* Words that the goroutine's closure may have captured. Its stream is among the first three in all versions. */
#define MAX_CAPTURED 6

/* The stream among the words behind a closure's code; 0: not in there. */
static __always_inline u64 captured_stream(const struct grpc_call *call, u64 closure)
{
	for (u32 i = 1; closure && i <= MAX_CAPTURED; i++) {
		u64 word = 0;

		if (bpf_probe_read_user(&word, sizeof(word), (const void *)(closure + i * sizeof(word))))
			return 0;
		if (is_its_stream(call, word))
			return word;
	}
	return 0;
}

static __always_inline void remember_stream(u64 stream, const struct grpc_call *call)
{
	long failed = bpf_map_update_elem(&grpc_client_streams, &stream, call, BPF_NOEXIST);

	/* One at this address whose end was missed. */
	if (failed == -EEXIST) {
		count(COUNTER_superseded);
		failed = bpf_map_update_elem(&grpc_client_streams, &stream, call, BPF_ANY);
	}
	if (failed)
		count(COUNTER_in_flight_full);
}

/*
 * newproc(fn *funcval) in the function that makes streams: of one that lives on, whichever goroutine it is used on.
 * From here on it is known by its address, and nothing that this goroutine does is within it.
 */
static __always_inline void stream_begun(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx), key;
	struct grpc_client_operation *operation = innermost(goid, &key);
	u64 stream, on_stack = 0;

	if (!operation || stack_depth(ctx) <= operation->open.self.depth)
		return;
	stream = captured_stream(&operation->call, GO_ARG0(ctx));
	/* Up to Go 1.17 its arguments are on the stack: a size, the closure. */
	if (!stream && !bpf_probe_read_user(&on_stack, sizeof(on_stack), (const void *)(STACK_POINTER(ctx) + 8)))
		stream = captured_stream(&operation->call, on_stack);
	if (!stream)
		return;
	close_operation(&operation->open, goid);
	operation->call.is_stream = 1;
	operation->call.is_counted = operation->call.span.is_wanted && late_probes_are_there();
	remember_stream(stream, &operation->call);
	bpf_map_delete_elem(&grpc_client_operations, &key);
}

/* Whichever goroutine comes first tells of it. */
static __always_inline void stream_finished(struct pt_regs *ctx, u64 stream, const struct grpc_status *status)
{
	const u64 g = GO_G(ctx), pointer = STACK_POINTER(ctx), error = GO_ARG1(ctx);
	struct grpc_client_call *r = claim_record(stream);
	const struct grpc_call *call;

	if (!r)
		return;
	/* Another goroutine may have told of it since it was looked for. */
	call = bpf_map_lookup_elem(&grpc_client_streams, &stream);
	if (call) {
		if (call->is_counted)
			keep_messages(r, call, messages_received(&call->reader, !error, g, pointer));
		tell_end(r, call, stream, status);
	}
	bpf_map_delete_elem(&grpc_client_streams, &stream);
	bpf_map_delete_elem(&grpc_client_records, &stream);
}
