/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What came with a call: its metadata.MD, a map[string][]string whose keys are in small letters. */
#pragma once

enum header {
	HEADER_traceparent,
	HEADER_tracestate,
	HEADER_baggage,
	HEADER_user_agent,
	HEADER_authority,
	HEADER_b3,
	HEADER_b3_trace_id,
	HEADER_b3_span_id,
	HEADER_b3_sampled,
	HEADERS,
};

#include "context.h"
#include "go_header.h"

/* No metadata is captured. */
__attribute__((noinline)) int capture_group(u64 group, u64 goid)
{
	(void)group;
	(void)goid;
	return 0;
}

/* Only keys of the right length are read. */
static __always_inline u32 classify(const struct go_string *key)
{
	u64 length = key->length;
	u64 text[2] = {};

	if (length != 2 && length != 7 && (length < 10 || length > 12))
		return HEADERS;
	barrier_var(length);
	if (length > sizeof(text) || read_user(text, length, key->data))
		return HEADERS;
	if (text[0] == WORD('b', '3', 0, 0, 0, 0, 0, 0))
		return HEADER_b3;
	if (text[0] == WORD('b', 'a', 'g', 'g', 'a', 'g', 'e', 0))
		return HEADER_baggage;
	if (text[0] == WORD(':', 'a', 'u', 't', 'h', 'o', 'r', 'i') && text[1] == WORD('t', 'y', 0, 0, 0, 0, 0, 0))
		return HEADER_authority;
	if (text[0] == WORD('u', 's', 'e', 'r', '-', 'a', 'g', 'e') && text[1] == WORD('n', 't', 0, 0, 0, 0, 0, 0))
		return HEADER_user_agent;
	if (text[0] == WORD('t', 'r', 'a', 'c', 'e', 's', 't', 'a') && text[1] == WORD('t', 'e', 0, 0, 0, 0, 0, 0))
		return HEADER_tracestate;
	if (text[0] == WORD('t', 'r', 'a', 'c', 'e', 'p', 'a', 'r') && text[1] == WORD('e', 'n', 't', 0, 0, 0, 0, 0))
		return HEADER_traceparent;
	if (text[0] == WORD('x', '-', 'b', '3', '-', 's', 'p', 'a') && text[1] == WORD('n', 'i', 'd', 0, 0, 0, 0, 0))
		return HEADER_b3_span_id;
	if (text[0] == WORD('x', '-', 'b', '3', '-', 't', 'r', 'a') && text[1] == WORD('c', 'e', 'i', 'd', 0, 0, 0, 0))
		return HEADER_b3_trace_id;
	if (text[0] == WORD('x', '-', 'b', '3', '-', 's', 'a', 'm') && text[1] == WORD('p', 'l', 'e', 'd', 0, 0, 0, 0))
		return HEADER_b3_sampled;
	return HEADERS;
}

/* metadata.MD's type, with the load bias. */
volatile const u64 metadata_type = 0;

/* How far up from a stream's context its metadata is: grpc-go puts up to five around it, a tap handle a few more. */
#define MAX_ABOVE_METADATA 16

/* What a stream's context tells. */
struct incoming {
	/* The metadata.MD; 0: none was found. */
	u64 metadata;
	/* The context that holds it: what is above is the connection's, or that of net/http's request. */
	struct go_iface holder;
	/* 1: the application has a span of its own for this call. */
	u64 traced_by_application;
};

/* The value of a context.WithValue, an interface value; its type is 0 in other contexts. */
static __always_inline struct go_iface value_of(const struct go_iface *context)
{
	const struct context_rule *rule = bpf_map_lookup_elem(&context_rules, &context->tab);
	struct go_iface value = {};

	if (rule && rule->value != ABSENT)
		read_user(&value, sizeof(value), context->data + rule->value);
	return value;
}

/* Looks for the metadata among a stream's contexts. A map's interface value is the map itself. */
static __always_inline void find_metadata(struct incoming *incoming, struct go_iface context)
{
	for (u32 i = 0; i < MAX_ABOVE_METADATA && context.tab && context.data; i++) {
		struct go_iface value = value_of(&context);
		u64 parent;

		if (value.tab && value.tab == metadata_type) {
			incoming->metadata = value.data;
			incoming->holder = context;
			return;
		}
		parent = context_parent(context.tab, context.data, SPANS_of_sdk);
		if (parent & APPLICATION_SPAN) {
			incoming->traced_by_application = 1;
			return;
		}
		if (!parent || bpf_probe_read_user(&context, sizeof(context), (const void *)parent))
			return;
	}
}
