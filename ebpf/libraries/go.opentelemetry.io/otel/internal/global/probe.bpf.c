// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Spans of OpenTelemetry's global tracers up to 1.32, in a program without an SDK: two hits where a span begins, one
 * where it ends, and one for each time that the program tells something of it.
 */

#include "../../../api_span.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* Of trace.Span and the tracer's own span. */
volatile const u64 span_itab = 0;

static __always_inline void api_span_begins(struct pt_regs *ctx)
{
	begin_api_span(ctx);
}

/* (context.Context, trace.Span): the first is a new *valueCtx. */
static __always_inline void api_span_begun(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct made_span *made = bpf_map_lookup_elem(&api_starts, &goid);
	struct go_iface context = {.tab = GO_ARG0(ctx), .data = GO_ARG1(ctx)};
	struct go_iface held = {};
	struct context_rule *rule;
	struct api_span *span;
	u64 id;

	if (!made)
		return;
	id = id_of(made);
	span = bpf_map_lookup_elem(&api_spans, &id);
	rule = bpf_map_lookup_elem(&context_rules, &context.tab);
	if (rule && rule->value != ABSENT)
		read_user(&held, sizeof(held), context.data + rule->value);
	if (GO_ARG2(ctx) == span_itab) {
		keep_address(made, GO_ARG3(ctx));
		if (held.data)
			keep_address(made, held.data);
		if (span) {
			span->addresses[0] = held.data;
			span->addresses[1] = GO_ARG3(ctx);
		}
	}
	bpf_map_delete_elem(&api_starts, &goid);
}

/* End(span, options) */
static __always_inline void api_span_ended(struct pt_regs *ctx)
{
	struct made_span *made;

	if (RUNS_AGAIN(ctx))
		return;
	made = open_api_span(GO_ARG0(ctx));
	if (!made) {
		count(COUNTER_end_without_start);
		return;
	}
	made->self.has_ended = 1;
	if (made->self.context.trace_flags & FLAG_SAMPLED)
		end_api_span(id_of(made), GO_ARG1(ctx), GO_ARG2(ctx));
	else
		count(made->self.context.ruling == RULING_left_out ? COUNTER_left_out : COUNTER_unsampled);
}

/* What this is told of, by its id; 0: none, or nothing is to be told. */
static __always_inline u64 told_here(struct pt_regs *ctx)
{
	struct made_span *made = RUNS_AGAIN(ctx) ? 0 : open_api_span(GO_ARG0(ctx));

	return made && made->self.context.trace_flags & FLAG_SAMPLED ? id_of(made) : 0;
}

#include "../../../told_calls.h"

GO_PROBE(api_span_begins_here, api_span_begins)
GO_PROBE(api_span_has_begun, api_span_begun)
GO_PROBE(api_span_has_ended, api_span_ended)
GO_PROBE(api_attributes_set, attributes_set)
GO_PROBE(api_name_set, name_set)
GO_PROBE(api_status_set, status_set)
GO_PROBE(api_event_added, event_added)
GO_PROBE(api_error_recorded, error_recorded)
