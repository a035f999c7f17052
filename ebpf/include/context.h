/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Which request a context.Context belongs to. Contexts are nested: each type that implements the interface keeps its
 * parent at a place that the agent has read from the binary's types (src/plan/contexts.ts). The chain is followed up
 * to the context that net/http made for a request, or to one that holds a span of the application's own SDK.
 */
#pragma once

#include "open_spans.h"

enum context_kind {
	/* The parent, an interface value, is at `parent` of the context. */
	CONTEXT_field,
	/* The parent is at `parent` of what the pointer at `through` points to: (*gin.Context).Request.ctx. */
	CONTEXT_through,
	/* Not a context: a value in one, a span of the application's SDK, with its SpanContext at `parent`. */
	CONTEXT_span,
	/* The same, a pointer to a span that the application has made without an SDK: made_span.h. */
	CONTEXT_made,
	/* Such a span that is the same as all others: what is known is the context that holds it. */
	CONTEXT_held,
} __attribute__((packed));

struct context_rule {
	/* Bytes. */
	u16 parent;
	u16 through;
	/*
	 * CONTEXT_field: where a context.WithValue keeps its value, an interface value. CONTEXT_span: whether the
	 * SpanContext came from elsewhere, a byte. ABSENT for all others.
	 */
	u16 value;
	enum context_kind kind;
	u8 _pad;
};

/* Keyed by the address of the type's itab for context.Context, and by that of the type itself. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct context_rule);
} context_rules SEC(".maps");

/* Address of a request's own context → goroutine that serves it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, u64);
} request_contexts SEC(".maps");

/* 1: the program has types of CONTEXT_span, CONTEXT_made or CONTEXT_held. */
volatile const u8 application_spans = 0;

/* Each goroutine of a chain of 64 may add two. */
#define MAX_CONTEXTS 160

/* What an address leads to, in its lowest bits: addresses are multiples of 8. */
#define APPLICATION_SPAN 1
/* With APPLICATION_SPAN: what is there is a span of CONTEXT_made. */
#define MADE_SPAN 2
/* With APPLICATION_SPAN: a remote parent that the application has read, of a message or a header. */
#define REMOTE_SPAN 4
#define SPAN_MARKS (APPLICATION_SPAN | MADE_SPAN | REMOTE_SPAN)

enum spans_wanted {
	/* Those of the application's SDK. */
	SPANS_of_sdk,
	/* And those made without one, and remote parents. */
	SPANS_all,
};

/* Not one that began before the agent did. */
static __always_inline int is_made_span(u64 address)
{
	return bpf_map_lookup_elem(&made_spans, &address) != 0;
}

/* Not one that has ended, either: the garbage collector may have had its context, and another one be there. */
static __always_inline int is_open_span(u64 address)
{
	const struct made_span *made = bpf_map_lookup_elem(&made_spans, &address);

	return made && !made->self.has_ended;
}

/* Address of the SpanContext of the application's span that this context's value is, with its marks, or 0. */
static __always_inline u64 application_span(u64 context, u64 value, enum spans_wanted wanted)
{
	struct go_iface any = {};
	struct context_rule *rule;
	u8 remote = 0;

	if (!application_spans || bpf_probe_read_user(&any, sizeof(any), (const void *)value))
		return 0;
	rule = bpf_map_lookup_elem(&context_rules, &any.tab);
	if (rule && rule->kind == CONTEXT_made)
		return wanted == SPANS_all && is_made_span(any.data) ? any.data | APPLICATION_SPAN | MADE_SPAN : 0;
	if (rule && rule->kind == CONTEXT_held)
		return wanted == SPANS_all && is_open_span(context) ? context | APPLICATION_SPAN | MADE_SPAN : 0;
	if (!rule || rule->kind != CONTEXT_span)
		return 0;
	/* A remote parent that the application has read from a header: the span that it has here is ours. */
	if (rule->value != ABSENT &&
	    (bpf_probe_read_user(&remote, sizeof(remote), (const void *)(any.data + rule->value)) || remote))
		return remote && wanted == SPANS_all ? (any.data + rule->parent) | APPLICATION_SPAN | REMOTE_SPAN : 0;
	return (any.data + rule->parent) | APPLICATION_SPAN;
}

/*
 * One step up: where the parent of this context is, an interface value; 0 without one. With APPLICATION_SPAN it is
 * the address of a SpanContext. A global function, verified once, so that the chain costs the verifier little.
 */
__attribute__((noinline)) u64 context_parent(u64 itab, u64 data, enum spans_wanted wanted)
{
	struct context_rule *rule = bpf_map_lookup_elem(&context_rules, &itab);
	u64 found;

	if (!rule) {
		/* An itab made at run time; its type may be known from another one. */
		u64 type = 0;

		if (bpf_probe_read_user(&type, sizeof(type), (const void *)(itab + GO_ITAB_TYPE)))
			return 0;
		rule = bpf_map_lookup_elem(&context_rules, &type);
		if (!rule)
			return 0;
	}
	if (rule->value != ABSENT && (found = application_span(data, data + rule->value, wanted)))
		return found;
	if (rule->kind == CONTEXT_through) {
		u64 through = 0;

		if (bpf_probe_read_user(&through, sizeof(through), (const void *)(data + rule->through)) || !through)
			return 0;
		return through + rule->parent;
	}
	return data + rule->parent;
}

/* Goroutine of the request that a context belongs to, times 2; or an application's SpanContext; 0: neither. */
__attribute__((noinline)) u64 find_context(u64 itab, u64 data)
{
	for (u32 i = 0; i < MAX_CONTEXTS; i++) {
		struct go_iface parent = {};
		u64 *goid, at;

		if (!itab || !data)
			return 0;
		goid = bpf_map_lookup_elem(&request_contexts, &data);
		if (goid)
			return *goid << 1;
		at = context_parent(itab, data, SPANS_of_sdk);
		if (!at || at & APPLICATION_SPAN)
			return at;
		if (bpf_probe_read_user(&parent, sizeof(parent), (const void *)at))
			return 0;
		itab = parent.tab;
		data = parent.data;
	}
	count(COUNTER_parent_unknown);
	return 0;
}
