// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Goroutines that a request starts: one hit where one's function is entered, one where it returns. */

#include "events.h"
#include "open_span.h"
#include "preemption.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* Where runtime.goexit is in memory: what a goroutine began with returns into it, and nothing else does. */
volatile const u64 goexit_from = 0;
volatile const u64 goexit_to = 0;

struct goroutine_record {
	struct span_header span;
	/* What it began with: an address of code. */
	u64 function;
};

struct goroutine_operation {
	struct open_span self;
	struct goroutine_record record;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct goroutine_operation);
} goroutine_operations SEC(".maps");

/* What new entries are copied from: the stack has no room for them. */
static const struct goroutine_operation no_operation;
static const struct goroutine_span no_span;

/* A function that goroutines begin with may be called as any other as well. */
static __always_inline int is_beginning(struct pt_regs *ctx)
{
	u64 address = return_address(ctx);

	return address >= goexit_from && address < goexit_to;
}

/* Gives the span its parent, or its link; 0: nothing that is traced has surely started this goroutine. */
static __always_inline int find_starter(struct span_header *span, struct open_span *self, u64 goid, u64 g)
{
	const struct open_span *parent = parent_by_starter(span, goid, g);

	if (!parent)
		return *(const u64 *)span->link.span_id != 0;
	descend(span, parent);
	self->tracestate = parent->tracestate;
	self->baggage = parent->baggage;
	return 1;
}

/* From here on it is what its goroutine is in the middle of. */
static __always_inline void make_findable(const struct goroutine_operation *operation, u64 goid, u64 g)
{
	struct goroutine_span *goroutine;

	if (bpf_map_update_elem(&goroutine_spans, &goid, &no_span, BPF_ANY)) {
		count(COUNTER_parent_unknown);
		return;
	}
	goroutine = bpf_map_lookup_elem(&goroutine_spans, &goid);
	if (!goroutine)
		return;
	goroutine->starter = starter_of(g);
	goroutine->self = operation->self;
}

static __always_inline void begin(struct goroutine_operation *operation, struct pt_regs *ctx, u64 goid)
{
	struct span_header *span = &operation->record.span;
	struct open_span *self = &operation->self;

	if (!find_starter(span, self, goid, GO_G(ctx))) {
		bpf_map_delete_elem(&goroutine_operations, &goid);
		return;
	}
	count(COUNTER_started);
	span->record.library = library_id;
	span->start_ns = bpf_ktime_get_ns();
	operation->record.function = read_word(GO_G(ctx) + g_startpc);
	identify_span(span);
	decide(span);
	context_of(&self->context, span);
	__builtin_memcpy(self->parent_span_id, span->parent_span_id, sizeof(self->parent_span_id));
	self->began = span->start_ns;
	self->depth = stack_depth(ctx);
	self->g = GO_G(ctx);
	make_findable(operation, goid, GO_G(ctx));
}

static __always_inline void entered(struct pt_regs *ctx)
{
	struct goroutine_operation *operation;
	u64 goid;

	if (STACK_CHECK_FAILS(ctx) || !is_beginning(ctx))
		return;
	goid = current_goid(ctx);
	if (!goid)
		return;
	if (bpf_map_update_elem(&goroutine_operations, &goid, &no_operation, BPF_ANY)) {
		count(COUNTER_started);
		count(COUNTER_in_flight_full);
		return;
	}
	operation = bpf_map_lookup_elem(&goroutine_operations, &goid);
	if (operation)
		begin(operation, ctx, goid);
}

/* Each RET of those functions. */
static __always_inline void returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	struct goroutine_operation *operation = bpf_map_lookup_elem(&goroutine_operations, &goid);

	/* It may have called itself. */
	if (!operation || operation->self.depth != stack_depth(ctx))
		return;
	if (operation->record.span.is_wanted) {
		operation->record.span.end_ns = bpf_ktime_get_ns();
		submit(&operation->record, sizeof(operation->record));
	} else {
		count_unsampled(&operation->record.span);
	}
	keep_ended(goid, 1);
	bpf_map_delete_elem(&goroutine_spans, &goid);
	bpf_map_delete_elem(&goroutine_operations, &goid);
}

GO_PROBE(goroutine_entered, entered)
GO_PROBE(goroutine_returned, returned)
