// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* gRPC's server: one hit where a stream is handled, one where its status is sent, one where it has been handled. */

#include "events.h"
#include "messages.h"
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

/* (*Server).processRPC(server, context, stream, service, *StreamDesc, …) */
static __always_inline void rpc_started(struct pt_regs *ctx)
{
	struct go_iface context = {.tab = GO_ARG1(ctx), .data = GO_ARG2(ctx)};
	struct grpc_server_operation *operation;

	if (STACK_CHECK_FAILS(ctx))
		return;
	begin(ctx, GO_ARG3(ctx), &context, GO_ARG0(ctx));
	operation = open_call(current_goid(ctx));
	if (operation && is_stream(GO_ARG5(ctx)))
		operation->call.is_counted = late_probes_are_there();
}

/* codes.Unimplemented */
#define STATUS_UNIMPLEMENTED 12

/*
 * What grpc-go answers itself where it has no method of that name: "unknown service", "unknown method" or "malformed
 * method name". Other statuses without a call are of those that began before the probes were there.
 */
static __always_inline int is_of_unknown_method(const struct grpc_status *status)
{
	u64 beginning = 0;

	if (!begins_at_rpc || status->code != STATUS_UNIMPLEMENTED || status->message.length < sizeof(beginning))
		return 0;
	read_user(&beginning, sizeof(beginning), status->message.data);
	return beginning == WORD('u', 'n', 'k', 'n', 'o', 'w', 'n', ' ') ||
	       beginning == WORD('m', 'a', 'l', 'f', 'o', 'r', 'm', 'e');
}

/* WriteStatus(transport, stream, *status.Status) of either transport. What the client sees is the first one. */
static __always_inline void status_written(struct pt_regs *ctx)
{
	struct grpc_server_operation *operation;
	u64 goid = current_goid(ctx);
	u64 stream = GO_ARG1(ctx);
	struct grpc_status status = {};
	struct go_iface context = {};

	if (STACK_CHECK_FAILS(ctx))
		return;
	read_status(&status, GO_ARG2(ctx));
	operation = open_call(goid);
	if (!operation && is_of_unknown_method(&status)) {
		read_user(&context, sizeof(context), stream_of(stream) + stream_context);
		begin(ctx, stream, &context, 0);
		operation = open_call(goid);
	}
	if (!operation || operation->call.stream != stream || operation->call.has_status)
		return;
	operation->call.has_status = 1;
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
		leave_end_out(operation);
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
	else if (!read_word(GO_G(ctx) + g_panic))
		/* Where the goroutine exits in its handler, that was the end. */
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

/* (*serverStream).SendMsg(stream, message) */
static __always_inline void message_sent(struct pt_regs *ctx)
{
	struct grpc_server_operation *operation;

	if (STACK_CHECK_FAILS(ctx))
		return;
	operation = call_with_messages(GO_ARG0(ctx), current_goid(ctx));
	if (operation)
		__sync_fetch_and_add(&operation->call.sent, 1);
}

/* (*serverStream).RecvMsg(stream, message) */
static __always_inline void message_awaited(struct pt_regs *ctx)
{
	struct grpc_server_operation *operation;
	u64 stream = GO_ARG0(ctx);

	if (STACK_CHECK_FAILS(ctx))
		return;
	operation = call_with_messages(stream, current_goid(ctx));
	if (operation)
		await_message(operation, stream);
}

GO_PROBE(grpc_server_stream_handled, stream_handled)
GO_PROBE(grpc_server_rpc_started, rpc_started)
GO_PROBE(grpc_server_message_sent, message_sent)
GO_PROBE(grpc_server_message_awaited, message_awaited)
GO_PROBE(grpc_server_status_written, status_written)
GO_PROBE(grpc_server_stream_returned, stream_returned)
GO_PROBE(grpc_server_goroutine_exits, goroutine_exits)
