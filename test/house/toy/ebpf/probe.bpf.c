// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The smallest library there can be: main.greet(name) until main.thank(name) on the same goroutine. */
#include "events.h"
#include "preemption.h"
#include "span.h"

char LICENSE[] SEC("license") = "GPL";

#define MAX_NAME 64

struct toy_greeting {
	struct span_header span;
	struct text name;
	u8 texts[MAX_NAME];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, struct toy_greeting);
} toy_greetings SEC(".maps");

static __always_inline void greeted(struct pt_regs *ctx)
{
	struct toy_greeting greeting = {};
	u64 goid = current_goid(ctx);
	u64 length = GO_ARG1(ctx);

	if (STACK_CHECK_FAILS(ctx))
		return;
	count(COUNTER_started);
	if (length > MAX_NAME)
		length = MAX_NAME;
	greeting.span.start_ns = bpf_ktime_get_ns();
	greeting.span.library = library_id;
	greeting.span.trace_flags = FLAG_SAMPLED;
	new_trace_id(&greeting.span);
	new_span_id(&greeting.span);
	greeting.name.length = length;
	read_user(greeting.texts, length, GO_ARG0(ctx));
	bpf_map_update_elem(&toy_greetings, &goid, &greeting, BPF_ANY);
}

static __always_inline void thanked(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct toy_greeting *greeting = bpf_map_lookup_elem(&toy_greetings, &goid);

	if (!greeting || STACK_CHECK_FAILS(ctx))
		return;
	greeting->span.end_ns = bpf_ktime_get_ns();
	submit(greeting, sizeof(*greeting));
	bpf_map_delete_elem(&toy_greetings, &goid);
}

GO_PROBE(toy_greeter_greeted, greeted)
GO_PROBE(toy_greeter_thanked, thanked)
