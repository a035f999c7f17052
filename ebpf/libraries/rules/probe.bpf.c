// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Functions that the user's rules name: one hit where a call begins, one where it returns to. */

#define RETURN_SITES rule_return_sites

#include "preemption.h"
#include "return_site.h"
#include "calls.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* Whether a function has not had as many spans in this second as its rule allows. */
static __always_inline int is_within_limit(const struct ruled_function *function, u32 number)
{
	struct ruled_second *now = bpf_map_lookup_elem(&ruled_seconds, &number);
	u64 second = bpf_ktime_get_ns() / 1000000000;

	if (!function->rate || !now)
		return 1;
	/* Several processors at once may let a few more pass. */
	if (now->second != second) {
		now->second = second;
		now->spans = 0;
	}
	if (now->spans >= function->rate)
		return 0;
	__sync_fetch_and_add(&now->spans, 1);
	return 1;
}

static __always_inline struct rule_operation *new_call(u64 goid, u64 levels)
{
	struct operation_key key = {.goid = goid, .level = levels};

	if (!goid || levels >= MAX_LEVELS ||
	    bpf_map_update_elem(&rule_operations, &key, &no_operation, BPF_ANY)) {
		count(goid ? COUNTER_in_flight_full : COUNTER_unreadable);
		return 0;
	}
	return bpf_map_lookup_elem(&rule_operations, &key);
}

/* `return_at`: where on the stack the return address lies behind which its results will be seen; 0: in itself. */
static __always_inline void begin(struct pt_regs *ctx, const struct ruled_function *function, u32 number,
				  u64 return_at)
{
	u64 goid = current_goid(ctx);
	u64 levels = levels_here(goid, GO_G(ctx), STACK_POINTER(ctx), FRAME_POINTER(ctx));
	struct rule_operation *operation = new_call(goid, levels);
	struct go_iface context = {};
	struct span_header *span;

	set_levels(goid, levels + (operation != 0));
	if (!operation)
		return;
	span = &operation->record.span;
	span->record.library = library_id;
	span->start_ns = bpf_ktime_get_ns();
	operation->record.function = number;
	operation->open.self.depth = stack_depth(ctx);
	operation->end_depth = operation->open.self.depth;
	if (return_at)
		operation->end_depth -= return_at + sizeof(u64) - STACK_POINTER(ctx);
	keep_registers(goid, ctx);
	if (function->values[THE_CONTEXT].kind != VALUE_none)
		read_context(&context, goid, &function->values[THE_CONTEXT], STACK_POINTER(ctx) + STACK_ARGUMENTS);
	open_operation(&operation->open, span, &context, goid, ctx);
	if (span->is_wanted)
		take_values(goid, levels + 1, STACK_POINTER(ctx) + STACK_ARGUMENTS, 0);
}

/* Where on the stack the return address lies that leads to where this call's results are seen; 0: nowhere. */
__attribute__((noinline)) u64 return_of(u32 number, u64 stack_pointer, u64 frame_pointer)
{
	const struct ruled_function *function = bpf_map_lookup_elem(&ruled_functions, &number);
	u64 caller = 0;

	if (!function || bpf_probe_read_user(&caller, sizeof(caller), (const void *)stack_pointer))
		return 0;
	return find_return(frame_pointer, stack_pointer, caller, function->results, function->first_result, number);
}

static __always_inline void entered(struct pt_regs *ctx)
{
	u64 address = PROBED_ADDRESS(ctx);
	const u32 *number = bpf_map_lookup_elem(&ruled_entries, &address);
	const struct ruled_function *function = number ? bpf_map_lookup_elem(&ruled_functions, number) : 0;
	u64 return_at = 0;

	if (!number || !function || (function->flags_test && BELOW_OR_EQUAL(ctx)))
		return;
	if (!function->itself && !(return_at = return_of(*number, STACK_POINTER(ctx), FRAME_POINTER(ctx))))
		return;
	count(COUNTER_started);
	if (bpf_get_prandom_u32() >= function->share)
		count(COUNTER_unsampled);
	else if (!is_within_limit(function, *number))
		count(COUNTER_over_limit);
	else
		begin(ctx, function, *number, return_at);
}

/* A place in a deferred call is one return address deeper than the function that has deferred it. */
static __always_inline int ends_here(const struct rule_operation *operation, u64 depth)
{
	return depth == operation->end_depth || depth == operation->end_depth + sizeof(u64);
}

/* Behind the return of any of them. Where one returns what another returned, it is one place for both. */
static __always_inline void returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	u64 levels = levels_of(goid);
	u64 depth, stack_end;

	if (!levels)
		return;
	keep_registers(goid, ctx);
	stack_end = read_word(GO_G(ctx) + g_stack + GO_STACK_HI);
	depth = stack_end - STACK_POINTER(ctx);
	for (u32 i = 0; i < MAX_LEVELS && levels; i++) {
		struct rule_operation *innermost = call_at(goid, levels);

		if (innermost && ends_here(innermost, depth))
			finish_call(goid, levels, stack_end);
		else if (!innermost || innermost->open.self.depth > depth)
			close_call(goid, levels, CALL_left);
		else
			break;
		levels--;
	}
	set_levels(goid, levels);
}

GO_PROBE(rule_entered, entered)
GO_PROBE(rule_returned, returned)
