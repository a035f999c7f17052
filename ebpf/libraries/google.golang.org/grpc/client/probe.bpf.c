// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * gRPC's client: one hit where a call begins, one where its stream is finished. Retries are within. A call that gets
 * no stream is seen where it returns with its error; a stream that is to live on, where its goroutine is started.
 */

#include "end.h"
#include "messages.h"
#include "preemption.h"
#include "return_site.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 stream_connection = ABSENT;
volatile const u16 stream_description = ABSENT;
volatile const u16 description_server_streams = ABSENT;
volatile const u16 description_client_streams = ABSENT;

/* Words that the goroutine's closure may have captured. Its stream is among the first three in all versions. */
#define MAX_CAPTURED 6

static __always_inline struct grpc_client_operation *operation_at(u64 key)
{
	return bpf_map_lookup_elem(&grpc_client_operations, &key);
}

static __always_inline int is_streaming(u64 description)
{
	u8 by_server = 0, by_client = 0;

	read_user(&by_server, sizeof(by_server), description + description_server_streams);
	read_user(&by_client, sizeof(by_client), description + description_client_streams);
	return by_server || by_client;
}

/* A call that is this goroutine's alone, with its end. */
static __always_inline void end_operation(struct grpc_client_operation *operation, u64 key, u64 stream,
					  const struct grpc_status *status, u64 goid)
{
	struct grpc_client_call *r = claim_record(key);
	int is_left = !stream && failed_in_own_span(&operation->open, goid);

	close_operation(&operation->open, goid);
	if (r && is_left)
		count(COUNTER_traced_by_application);
	else if (r)
		tell_end(r, &operation->call, stream, status);
	bpf_map_delete_elem(&grpc_client_records, &key);
	bpf_map_delete_elem(&grpc_client_operations, &key);
}

/*
 * A call that has begun and returned, and whose outcome nobody saw: of a stream it can only be a failure, which an
 * interceptor has answered by trying again. Of another call it may be a panic as well.
 */
static __attribute__((noinline)) void give_up(struct grpc_client_operation *operation, u64 key, u64 goid)
{
	if (operation->call.is_stream) {
		end_operation(operation, key, 0, 0, goid);
		return;
	}
	count(COUNTER_superseded);
	close_operation(&operation->open, goid);
	bpf_map_delete_elem(&grpc_client_operations, &key);
}

/*
 * The key for a call that begins at this depth: a level within those that go on. What is left of earlier ones is given
 * up, the innermost first, and so is what goes on at the last level.
 */
static __always_inline u64 free_key(u64 goid, struct pt_regs *ctx)
{
	u64 free = 0;

#pragma unroll
	for (int level = MAX_LEVELS - 1; level >= 0; level--) {
		u64 key = key_of(goid, level);
		struct grpc_client_operation *operation = operation_at(key);

		if (operation && free && goes_on(&operation->open.self, ctx))
			return free;
		if (operation)
			give_up(operation, key, goid);
		free = key;
	}
	return free;
}

static __always_inline struct grpc_client_operation *new_operation(u64 key)
{
	if (!key || bpf_map_update_elem(&grpc_client_operations, &key, &no_operation, BPF_ANY)) {
		count(key ? COUNTER_in_flight_full : COUNTER_unreadable);
		return 0;
	}
	return operation_at(key);
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

static __always_inline int is_its_stream(const struct grpc_call *call, u64 stream)
{
	u64 connection = 0, description = 0;

	if (!stream ||
	    bpf_probe_read_user(&connection, sizeof(connection), (const void *)(stream + stream_connection)) ||
	    bpf_probe_read_user(&description, sizeof(description), (const void *)(stream + stream_description)))
		return 0;
	return connection == call->connection && description == call->description;
}

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

/* The call that this goroutine has begun last, and its key. */
static __always_inline struct grpc_client_operation *innermost(u64 goid, u64 *key)
{
#pragma unroll
	for (int level = MAX_LEVELS - 1; level >= 0; level--) {
		struct grpc_client_operation *operation = operation_at(*key = key_of(goid, level));

		if (operation)
			return operation;
	}
	return 0;
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

/* Of this goroutine the innermost call that this stream was made for, and its key. */
static __always_inline struct grpc_client_operation *operation_of_stream(u64 goid, u64 stream, u64 depth, u64 *key)
{
#pragma unroll
	for (int level = MAX_LEVELS - 1; level >= 0; level--) {
		struct grpc_client_operation *operation = operation_at(*key = key_of(goid, level));

		if (operation && depth > operation->open.self.depth && is_its_stream(&operation->call, stream))
			return operation;
	}
	return 0;
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
