/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Where a call begins: what is kept of it. */
#pragma once

#include "operation.h"

volatile const u16 description_server_streams = ABSENT;
volatile const u16 description_client_streams = ABSENT;

static __always_inline int is_streaming(u64 description)
{
	u8 by_server = 0, by_client = 0;

	read_user(&by_server, sizeof(by_server), description + description_server_streams);
	read_user(&by_client, sizeof(by_client), description + description_client_streams);
	return by_server || by_client;
}

static __always_inline void copy_method(struct grpc_call *call, const struct go_string *method)
{
	u64 length = method->length;

	if (length > MAX_METHOD) {
		count(COUNTER_text_truncated);
		length = MAX_METHOD;
	}
	barrier_var(length);
	if (!length || length > MAX_METHOD || read_user(call->method, length, method->data))
		return;
	call->method_length = length;
}

/* newClientStream(ctx Context, desc *StreamDesc, cc *ClientConn, method string, …) */
static __always_inline void call_started(struct pt_regs *ctx)
{
	const struct go_iface context = {GO_ARG0(ctx), GO_ARG1(ctx)};
	const struct go_string method = {GO_ARG4(ctx), GO_ARG5(ctx)};
	struct grpc_client_operation *operation;
	u64 goid, depth;

	if (STACK_CHECK_FAILS(ctx))
		return;
	goid = current_goid(ctx);
	depth = stack_depth(ctx);
	count(COUNTER_started);
	if (begins_in_own_span(&context)) {
		count(COUNTER_traced_by_application);
		return;
	}
	operation = new_operation(goid ? free_key(goid, ctx) : 0);
	if (!operation)
		return;
	operation->call.span.start_ns = bpf_ktime_get_ns();
	operation->call.span.record.library = library_id;
	operation->call.description = GO_ARG2(ctx);
	operation->call.connection = GO_ARG3(ctx);
	operation->call.is_stream = is_streaming(GO_ARG2(ctx));
	operation->open.self.depth = depth;
	/* What the application adds itself is seen where the headers are made. */
	operation->open.self.outgoing = ~0;
	open_operation(&operation->open, &operation->call.span, &context, goid, ctx);
	if (operation->call.span.is_wanted)
		copy_method(&operation->call, &method);
}
