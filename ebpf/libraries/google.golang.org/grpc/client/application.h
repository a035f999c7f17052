/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Calls that the program traces itself: its own SDK has made a span of the kind "client" for them, and that is the
 * nearest one in the call's context. An interceptor makes it before the call begins; a stats handler within it, so that
 * it shows in the context of the attempt.
 */
#pragma once

#include "client.h"

/* 1: the program has OpenTelemetry's SDK. */
volatile const u8 application_traces = 0;

volatile const u16 recording_span_context = ABSENT;
volatile const u16 recording_span_kind = ABSENT;
volatile const u16 stream_context = ABSENT;
volatile const u16 stream_attempt = ABSENT;
volatile const u16 attempt_context = ABSENT;

/* go.opentelemetry.io/otel/trace.SpanKindClient */
#define SPAN_KIND_CLIENT 3

/* Not inlined: contexts are followed in a loop that the verifier need not see twice. */
static __attribute__((noinline)) int is_in_own_span(u64 itab, u64 data)
{
	u64 found = find_context(itab, data);
	u64 kind = 0;

	if (!(found & APPLICATION_SPAN) || recording_span_context == ABSENT || recording_span_kind == ABSENT)
		return 0;
	found = (found & ~APPLICATION_SPAN) - recording_span_context + recording_span_kind;
	return !bpf_probe_read_user(&kind, sizeof(kind), (const void *)found) && kind == SPAN_KIND_CLIENT;
}

static __always_inline int begins_in_own_span(const struct go_iface *context)
{
	return application_traces && context->tab && is_in_own_span(context->tab, context->data);
}

/* In older versions an attempt has no context of its own. */
static __always_inline int stream_is_in_own_span(u64 stream)
{
	struct go_iface context = {};
	u64 attempt;

	if (!application_traces)
		return 0;
	attempt = read_word(stream + stream_attempt);
	if (attempt && attempt_context != ABSENT)
		read_user(&context, sizeof(context), attempt + attempt_context);
	else
		read_user(&context, sizeof(context), stream + stream_context);
	return context.tab && is_in_own_span(context.tab, context.data);
}

/* Of a call that never had a stream: the SDK's program has left word, otel/sdk/trace. */
static __always_inline int failed_in_own_span(const struct open_operation *operation, u64 goid)
{
	const struct open_span *open = application_traces ? bpf_map_lookup_elem(&open_spans, &goid) : 0;

	return open && open->left_to_application &&
	       same_id(open->context.span_id, operation->self.context.span_id);
}
