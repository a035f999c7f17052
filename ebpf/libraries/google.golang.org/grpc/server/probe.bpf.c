// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* gRPC's server: one hit where a stream is handled, one where its status is sent, one where it has been handled. */

#include "events.h"
#include "preemption.h"
#include "stream.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* (*Server).handleStream(server, transport, stream, …) */
static __always_inline void stream_handled(struct pt_regs *ctx)
{
	u64 stream = GO_ARG3(ctx);
	struct go_iface context = {};

	if (STACK_CHECK_FAILS(ctx))
		return;
	read_user(&context, sizeof(context), stream_of(stream) + stream_context);
	begin(ctx, stream, &context, GO_ARG0(ctx));
}

/* WriteStatus(transport, stream, *status.Status) of either transport. What the client sees is the first one. */
static __always_inline void status_written(struct pt_regs *ctx)
{
	struct grpc_server_operation *operation;
	struct grpc_status status = {};

	if (STACK_CHECK_FAILS(ctx))
		return;
	operation = open_call(current_goid(ctx));
	if (!operation || operation->call.stream != GO_ARG1(ctx) || operation->call.has_status)
		return;
	operation->call.has_status = 1;
	read_status(&status, GO_ARG2(ctx));
	operation->call.code = status.code;
	if (operation->call.span.is_wanted)
		keep_text(&operation->call.texts, &operation->call.message, &status.message, MAX_STATUS_MESSAGE);
}

/* Whether the program has made a span of this call itself, with OpenTelemetry's SDK. */
static __always_inline int is_left_to_application(const struct grpc_server_operation *operation, u64 goid)
{
	const struct open_span *open = application_spans ? bpf_map_lookup_elem(&open_requests, &goid) : 0;

	return operation->left_to_application || (open && open->left_to_application);
}

/* The record goes to the agent and the entry away. */
static __always_inline void finish(struct grpc_server_operation *operation, u64 goid)
{
	struct grpc_server_call *call = &operation->call;

	if (is_left_to_application(operation, goid)) {
		count(COUNTER_traced_by_application);
	} else if (call->span.is_wanted) {
		call->span.end_ns = bpf_ktime_get_ns();
		submit(call, RECORD_SIZE(call));
	} else {
		count_unsampled(&call->span);
	}
	forget_call(operation, goid);
}

/* Behind handleStream, in its callers. */
static __always_inline void stream_returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct grpc_server_operation *operation = open_call(goid);

	if (operation)
		finish(operation, goid);
	else
		count(COUNTER_end_without_start);
}

/* runtime.Goexit in a handler: handleStream doesn't return. */
static __always_inline void goroutine_exits(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct grpc_server_operation *operation = open_call(goid);

	if (!operation || STACK_CHECK_FAILS(ctx))
		return;
	operation->call.ending = ENDING_goexit;
	finish(operation, goid);
}

GO_PROBE(grpc_server_stream_handled, stream_handled)
GO_PROBE(grpc_server_status_written, status_written)
GO_PROBE(grpc_server_stream_returned, stream_returned)
GO_PROBE(grpc_server_goroutine_exits, goroutine_exits)
