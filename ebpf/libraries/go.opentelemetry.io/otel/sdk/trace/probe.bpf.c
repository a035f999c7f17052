// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* OpenTelemetry's own SDK in the program: where it makes the span of a request or a call, ours is not sent. */

#include "events.h"
#include "open_span.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

volatile const u16 config_span_kind = ABSENT;

/* go.opentelemetry.io/otel/trace.SpanKind */
#define SPAN_KIND_SERVER 2
#define SPAN_KIND_CLIENT 3

/* The call that this goroutine is in the middle of, of a library that looks at it. */
static __always_inline void call_span_made(u64 goid)
{
	struct open_span *call = bpf_map_lookup_elem(&open_spans, &goid);

	if (call)
		call->left_to_application = 1;
}

/* (*tracer).newSpan(tracer, ctx, name, *trace.SpanConfig) */
static __always_inline void span_made(struct pt_regs *ctx)
{
	struct open_span *request;
	u64 goid, found;
	u64 kind = 0;

	if (STACK_CHECK_FAILS(ctx) || read_user(&kind, sizeof(kind), GO_ARG5(ctx) + config_span_kind))
		return;
	goid = current_goid(ctx);
	if (kind == SPAN_KIND_CLIENT)
		call_span_made(goid);
	if (kind != SPAN_KIND_SERVER)
		return;
	found = find_context(GO_ARG1(ctx), GO_ARG2(ctx));
	if (found && !(found & APPLICATION_SPAN))
		goid = found >> 1;
	request = bpf_map_lookup_elem(&open_requests, &goid);
	if (request)
		request->left_to_application = 1;
}

GO_PROBE(otel_sdk_span_made, span_made)
