// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* gRPC calls that fail before they have a stream, and how many messages a stream sends, for those who ask. */
#include "events.h"
#include "late.h"
#include "preemption.h"
#include "span.h"

char LICENSE[] SEC("license") = "GPL";

struct toy_call {
	struct span_header span;
	u64 sent;
	/* 1: the error is a *status.Error. */
	u8 is_status;
	u8 is_stream;
	/* 1: all of its messages were counted. */
	u8 is_counted;
	u8 _pad[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, struct toy_call);
} toy_streams SEC(".maps");

volatile const u64 status_error = 0;

static __always_inline void begin(struct toy_call *call)
{
	count(COUNTER_started);
	call->span.start_ns = bpf_ktime_get_ns();
	call->span.record.library = library_id;
	call->span.trace_flags = FLAG_SAMPLED;
	new_trace_id(&call->span);
	new_span_id(&call->span);
}

static __always_inline void end(struct toy_call *call)
{
	call->span.end_ns = bpf_ktime_get_ns();
	submit(call, sizeof(*call));
}

static __always_inline void failed(struct pt_regs *ctx)
{
	struct toy_call call = {.is_status = status_error && GO_ARG2(ctx) == status_error};

	begin(&call);
	end(&call);
}

static __always_inline void stream_begun(struct pt_regs *ctx)
{
	struct toy_call stream = {.is_stream = 1};
	u64 goid = current_goid(ctx);

	if (STACK_CHECK_FAILS(ctx))
		return;
	stream.is_counted = late_probes_are_there();
	begin(&stream);
	bpf_map_update_elem(&toy_streams, &goid, &stream, BPF_ANY);
}

static __always_inline void message_sent(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct toy_call *stream = bpf_map_lookup_elem(&toy_streams, &goid);

	if (stream && !STACK_CHECK_FAILS(ctx))
		stream->sent++;
}

static __always_inline void stream_ended(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct toy_call *stream = bpf_map_lookup_elem(&toy_streams, &goid);

	if (!stream || STACK_CHECK_FAILS(ctx))
		return;
	end(stream);
	bpf_map_delete_elem(&toy_streams, &goid);
}

GO_PROBE(toy_calls_failed, failed)
GO_PROBE(toy_calls_stream_begun, stream_begun)
GO_PROBE(toy_calls_message_sent, message_sent)
GO_PROBE(toy_calls_stream_ended, stream_ended)
