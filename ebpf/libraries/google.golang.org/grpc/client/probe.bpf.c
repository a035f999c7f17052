// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * gRPC's client: one hit where a call begins, one where its stream is finished. Retries are within. A call that gets
 * no stream is seen where it returns with its error; a stream that is to live on, where its goroutine is started.
 */

#include "begin.h"
#include "preemption.h"
#include "stream.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* (*clientStream).finish(err error): the first time says how the call ended, and it may be called again. */
static __always_inline void call_finished(struct pt_regs *ctx)
{
	struct grpc_client_operation *operation = 0;
	struct grpc_status status = {};
	u64 stream = GO_ARG0(ctx);
	u64 goid, depth, key = 0;
	int lives_on;

	if (STACK_CHECK_FAILS(ctx))
		return;
	goid = current_goid(ctx);
	lives_on = bpf_map_lookup_elem(&grpc_client_streams, &stream) != 0;
	if (!lives_on) {
		depth = stack_depth(ctx);
		operation = operation_of_stream(goid, stream, depth, &key);
		if (!operation)
			return;
	}
	read_error(&status, GO_ARG1(ctx), GO_ARG2(ctx));
	if (operation)
		end_operation(operation, key, stream, &status, goid);
	else
		stream_finished(ctx, stream, &status);
}

/*
 * Where newClientStream, or NewStream, has returned (ClientStream, error). With an error there is no stream, and
 * mostly nothing was finished.
 */
static __always_inline void call_returned(struct pt_regs *ctx)
{
	struct grpc_client_operation *operation;
	struct grpc_status status = {};
	u64 goid, depth, key;

	if (!GO_ARG2(ctx))
		return;
	goid = current_goid(ctx);
	depth = stack_depth(ctx);
	operation = innermost(goid, &key);
	if (!operation || operation->open.self.depth < depth)
		return;
	read_error(&status, GO_ARG2(ctx), GO_ARG3(ctx));
	end_operation(operation, key, 0, &status, goid);
}

GO_PROBE(grpc_client_message_sent, message_sent)
GO_PROBE(grpc_client_message_wanted, message_wanted)
GO_PROBE(grpc_client_call_started, call_started)
GO_PROBE(grpc_client_call_returned, call_returned)
GO_PROBE(grpc_client_stream_begun, stream_begun)
GO_PROBE(grpc_client_call_finished, call_finished)
