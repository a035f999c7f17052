// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The smallest library there can be: main.greet(name) until main.thank(name) on the same goroutine. */
#include "events.h"
#include "preemption.h"
#include "span.h"
#include "text.h"

char LICENSE[] SEC("license") = "GPL";

#define MAX_NAME 64

struct toy_greeting {
	struct span_header span;
	struct text name;
	struct texts texts;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, struct toy_greeting);
} toy_greetings SEC(".maps");

static const struct toy_greeting no_greeting;

static __always_inline void greeted(struct pt_regs *ctx)
{
	struct go_string name = {.data = GO_ARG0(ctx), .length = GO_ARG1(ctx)};
	u64 goid = current_goid(ctx);
	struct toy_greeting *greeting;

	if (STACK_CHECK_FAILS(ctx))
		return;
	count(COUNTER_started);
	bpf_map_update_elem(&toy_greetings, &goid, &no_greeting, BPF_ANY);
	greeting = bpf_map_lookup_elem(&toy_greetings, &goid);
	if (!greeting)
		return;
	greeting->span.start_ns = bpf_ktime_get_ns();
	greeting->span.record.library = library_id;
	greeting->span.trace_flags = FLAG_SAMPLED;
	new_trace_id(&greeting->span);
	new_span_id(&greeting->span);
	keep_text(&greeting->texts, &greeting->name, &name, MAX_NAME);
}

static __always_inline void thanked(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct toy_greeting *greeting = bpf_map_lookup_elem(&toy_greetings, &goid);

	if (!greeting || STACK_CHECK_FAILS(ctx))
		return;
	greeting->span.end_ns = bpf_ktime_get_ns();
	submit(greeting, RECORD_SIZE(greeting));
	bpf_map_delete_elem(&toy_greetings, &goid);
}

GO_PROBE(toy_greeter_greeted, greeted)
GO_PROBE(toy_greeter_thanked, thanked)
