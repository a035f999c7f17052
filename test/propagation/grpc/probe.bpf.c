/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Opens a span that the call itself names, so that the test knows what has to arrive: the method is "/", the 16
 * characters of the trace id, of which the last eight are the span id, then 'u' for an unsampled one, the length of the
 * tracestate and that of the baggage, three digits each, and both of them; with a 'c' in the place of the 'u' they have
 * changed since they came.
 */
#include "events.h"
#include "open_span.h"
#include "preemption.h"
#include "sum.h"

char LICENSE[] SEC("license") = "GPL";

#define METHOD_FIXED 24
#define ALL_FORMATS (PROPAGATOR_tracecontext | PROPAGATOR_baggage | PROPAGATOR_b3 | PROPAGATOR_b3multi)

static __always_inline u64 number_of(const u8 *digits)
{
	return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

/* newClientStream(context.Context, *StreamDesc, *ClientConn, method string, …) */
static __always_inline void calling(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx), change;
	struct open_span span = {.outgoing = ALL_FORMATS};
	u8 text[METHOD_FIXED] = {};

	if (STACK_CHECK_FAILS(ctx) || GO_ARG5(ctx) < METHOD_FIXED || read_user(text, METHOD_FIXED, GO_ARG4(ctx)))
		return;
	__builtin_memcpy(span.context.trace_id, text + 1, 16);
	__builtin_memcpy(span.context.span_id, text + 9, 8);
	span.context.trace_flags = text[17] == 'u' ? 0 : FLAG_SAMPLED;
	change = text[17] == 'c' ? 2 : 0;
	span.tracestate.text.data = GO_ARG4(ctx) + METHOD_FIXED;
	span.tracestate.text.length = number_of(text + 18);
	span.baggage.text.data = span.tracestate.text.data + span.tracestate.text.length;
	span.baggage.text.length = number_of(text + 21);
	span.tracestate.sum = sum_of(goid, span.tracestate.text.data, span.tracestate.text.length) ^ change;
	span.baggage.sum = sum_of(goid, span.baggage.text.data, span.baggage.text.length) ^ change;
	if (bpf_map_update_elem(&open_spans, &goid, &span, BPF_ANY))
		count(COUNTER_in_flight_full);
}

/* (*http2Client).newStream, behind createHeaderFields. */
static __always_inline void fields_taken(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);

	bpf_map_delete_elem(&open_spans, &goid);
}

GO_PROBE(grpc_calling, calling)
GO_PROBE(grpc_fields_taken, fields_taken)
