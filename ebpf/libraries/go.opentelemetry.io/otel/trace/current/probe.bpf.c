// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * What the application tells of "the current span", where its context has none of its own: trace.SpanFromContext then
 * returns an object that all such calls share. Meant is the span that the goroutine is in the middle of.
 */

#include "addition.h"
#include "preemption.h"
#include "../../../told.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* Methods that the compiler has made: on amd64 nothing of them runs twice. */
#ifdef LINK_REGISTER
#define RUNS_AGAIN(ctx) STACK_CHECK_FAILS(ctx)
#else
#define RUNS_AGAIN(ctx) 0
#endif

/* The items follow. */
struct told_addition {
	struct addition addition;
	struct told_counts told;
};

struct told_now {
	/* The record: these two. */
	struct addition addition;
	struct told told;
};

/* By goroutine: no call that tells something lasts longer than its probe. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 512);
	__type(key, u64);
	__type(value, struct told_now);
} told_now SEC(".maps");

static const struct told_now nothing_told;

static __always_inline struct told *told_of(u64 goid)
{
	struct told_now *now = bpf_map_lookup_elem(&told_now, &goid);

	return now ? &now->told : 0;
}

#define TOLD_OF told_of
#include "../../../attributes.h"

/*
 * 1: the application makes spans that do nothing, on purpose, of the same type: what is told of one is not told of ours.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} spans_that_do_nothing SEC(".maps");

static __always_inline void span_that_does_nothing(struct pt_regs *ctx)
{
	u32 key = 0;
	u64 yes = 1;

	(void)ctx;
	bpf_map_update_elem(&spans_that_do_nothing, &key, &yes, BPF_ANY);
}

/* Not inlined: for its type's BTF. */
static __attribute__((noinline)) void send_addition(struct told_addition *record, u32 size)
{
	if (send(record, size))
		count(COUNTER_additions_lost);
}

/*
 * What is told goes to the span of this goroutine; 0: there is none, or none that is meant for sure. Not inlined: its
 * stack must be gone before attributes are read, which takes six functions more, and older kernels allow 512 bytes of
 * all of them.
 */
static __attribute__((noinline)) struct told_now *tell_now(struct pt_regs *ctx, u64 goid)
{
	const struct go_iface no_context = {};
	const struct open_span *span;
	struct told_now *now;
	u32 key = 0;
	u64 *others;

	if (RUNS_AGAIN(ctx))
		return 0;
	others = bpf_map_lookup_elem(&spans_that_do_nothing, &key);
	if (!others || *others)
		return 0;
	span = addressee(ctx, &no_context);
	if (!span)
		return 0;
	if (bpf_map_update_elem(&told_now, &goid, &nothing_told, BPF_ANY)) {
		count(COUNTER_additions_lost);
		return 0;
	}
	now = bpf_map_lookup_elem(&told_now, &goid);
	if (now)
		begin_addition(&now->addition, span);
	return now;
}

static __always_inline void has_told(struct told_now *now, u64 goid, u64 events, u64 attributes)
{
	now->addition.events = events;
	now->addition.attributes = attributes < 255 ? attributes : 255;
	send_addition((struct told_addition *)&now->addition, sizeof(struct told_addition) + told_bytes(&now->told));
	bpf_map_delete_elem(&told_now, &goid);
}

/* SetAttributes(span, attributes) */
static __always_inline void attributes_set(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct told_now *now = tell_now(ctx, goid);

	if (!now)
		return;
	tell_attributes(goid, GO_ARG1(ctx), GO_ARG2(ctx), TOLD_attribute);
	has_told(now, goid, 0, GO_ARG2(ctx));
}

/* SetName(span, name) */
static __always_inline void name_set(struct pt_regs *ctx)
{
	struct go_string name = {.data = GO_ARG1(ctx), .length = GO_ARG2(ctx)};
	u64 goid = current_goid(ctx);
	struct told_now *now = tell_now(ctx, goid);

	if (!now)
		return;
	tell_text(&now->told, TOLD_name, 0, &name);
	has_told(now, goid, 0, 0);
}

/* SetStatus(span, code, description) */
static __always_inline void status_set(struct pt_regs *ctx)
{
	struct go_string description = {.data = GO_ARG2(ctx), .length = GO_ARG3(ctx)};
	u64 goid = current_goid(ctx);
	struct told_now *now = tell_now(ctx, goid);

	if (!now)
		return;
	tell_text(&now->told, TOLD_status, (u32)GO_ARG1(ctx), &description);
	has_told(now, goid, 0, 0);
}

/* AddEvent(span, name, options) */
static __always_inline void event_added(struct pt_regs *ctx)
{
	struct go_string name = {.data = GO_ARG1(ctx), .length = GO_ARG2(ctx)};
	u64 goid = current_goid(ctx);
	struct told_now *now = tell_now(ctx, goid);

	if (!now)
		return;
	tell_text(&now->told, TOLD_event, bpf_ktime_get_ns(), &name);
	tell_options(goid, GO_ARG3(ctx), GO_ARG4(ctx), TOLD_event_attribute, TOLD_event_time);
	has_told(now, goid, 1, 0);
}

/* RecordError(span, error, options) */
static __always_inline void error_recorded(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct told_now *now = GO_ARG1(ctx) ? tell_now(ctx, goid) : 0;

	if (!now)
		return;
	tell_error(&now->told, GO_ARG1(ctx), GO_ARG2(ctx));
	tell_options(goid, GO_ARG3(ctx), GO_ARG4(ctx), TOLD_event_attribute, TOLD_event_time);
	has_told(now, goid, 1, 0);
}

GO_PROBE(current_span_that_does_nothing, span_that_does_nothing)
GO_PROBE(current_attributes_set, attributes_set)
GO_PROBE(current_name_set, name_set)
GO_PROBE(current_status_set, status_set)
GO_PROBE(current_event_added, event_added)
GO_PROBE(current_error_recorded, error_recorded)
