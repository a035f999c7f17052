// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Functions that the user's rules name: one hit where a call begins, one where it returns to. */

#define RETURN_SITES rule_return_sites

#include "preemption.h"
#include "return_site.h"
#include "values.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

static __always_inline struct rule_operation *operation_at(u64 goid, u64 levels)
{
	struct operation_key key = {.goid = goid, .level = levels - 1};

	return levels ? bpf_map_lookup_elem(&rule_operations, &key) : 0;
}

/* How many calls the goroutine is in from now on. */
static __always_inline void set_levels(u64 goid, u64 levels)
{
	struct rule_goroutine goroutine = {.levels = levels};
	struct rule_operation *innermost = operation_at(goid, levels);

	if (innermost)
		__builtin_memcpy(goroutine.ids, &innermost->open.self.context, sizeof(goroutine.ids));
	if (levels)
		bpf_map_update_elem(&rule_goroutines, &goid, &goroutine, BPF_ANY);
	else
		bpf_map_delete_elem(&rule_goroutines, &goid);
}

/* Sends the call's span, and forgets the call. */
static __always_inline void close_call(struct rule_operation *operation, u64 goid, u64 levels)
{
	struct operation_key key = {.goid = goid, .level = levels - 1};
	struct rule_record *r = &operation->record;

	close_operation(&operation->open, goid);
	if (r->span.is_wanted) {
		r->span.end_ns = bpf_ktime_get_ns();
		submit(r, RECORD_SIZE(r));
	} else {
		count_unsampled(&r->span);
	}
	bpf_map_delete_elem(&rule_operations, &key);
}

/* A call whose frame has gone without a return. Not inlined: it stands in two loops. */
static __attribute__((noinline)) void close_left(struct rule_operation *operation, u64 goid, u64 levels)
{
	if (!operation)
		return;
	operation->record.ended = CALL_left;
	close_call(operation, goid, levels);
}

/* Calls that have gone with a panic are over at the latest when the next one begins. Returns how many go on. */
static __always_inline u64 levels_here(struct pt_regs *ctx, u64 goid)
{
	const struct rule_goroutine *goroutine = bpf_map_lookup_elem(&rule_goroutines, &goid);
	u64 levels = goroutine ? goroutine->levels : 0;

	for (u32 i = 0; i < MAX_LEVELS; i++) {
		struct rule_operation *innermost = operation_at(goid, levels);

		if (!levels || (innermost && goes_on(&innermost->open.self, ctx)))
			break;
		close_left(innermost, goid, levels);
		levels--;
	}
	return levels;
}

/* Whether this call is among those that become spans. */
static __always_inline int is_chosen(const struct ruled_function *function, u32 number)
{
	struct ruled_second *now = bpf_map_lookup_elem(&ruled_seconds, &number);
	u64 second = bpf_ktime_get_ns() / 1000000000;

	if (bpf_get_prandom_u32() >= function->share)
		return 0;
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

static __always_inline struct rule_operation *new_operation(u64 goid, u64 levels)
{
	struct operation_key key = {.goid = goid, .level = levels};

	if (!goid || levels >= MAX_LEVELS ||
	    bpf_map_update_elem(&rule_operations, &key, &no_operation, BPF_ANY)) {
		count(goid ? COUNTER_in_flight_full : COUNTER_unreadable);
		return 0;
	}
	return bpf_map_lookup_elem(&rule_operations, &key);
}

static __attribute__((noinline)) void begin(struct pt_regs *ctx, const struct ruled_function *function, u32 number,
					    u64 return_at)
{
	u64 goid = current_goid(ctx);
	u64 levels = levels_here(ctx, goid);
	struct rule_operation *operation = new_operation(goid, levels);
	u64 stack = STACK_POINTER(ctx) + STACK_ARGUMENTS;
	struct go_iface context = {};
	struct rule_record *r;

	if (!operation)
		return;
	r = &operation->record;
	r->span.record.library = library_id;
	r->span.start_ns = bpf_ktime_get_ns();
	r->function = number;
	operation->open.self.depth = stack_depth(ctx);
	operation->end_depth = operation->open.self.depth;
	if (return_at)
		operation->end_depth -= return_at + sizeof(u64) - STACK_POINTER(ctx);
	take_registers(operation->registers, ctx);
	if (function->values[THE_CONTEXT].kind != VALUE_none)
		find_words((struct words *)&context, &function->values[THE_CONTEXT], operation->registers, stack);
	open_operation(&operation->open, &r->span, &context, goid, ctx);
	set_levels(goid, levels + 1);
	if (r->span.is_wanted)
		take_values(r, function, operation->registers, stack, 0);
}

static __always_inline void entered(struct pt_regs *ctx)
{
	u64 address = PROBED_ADDRESS(ctx);
	const u32 *number = bpf_map_lookup_elem(&ruled_entries, &address);
	const struct ruled_function *function = number ? bpf_map_lookup_elem(&ruled_functions, number) : 0;
	u64 return_at = 0;

	if (!number || !function || (function->flags_test && BELOW_OR_EQUAL(ctx)))
		return;
	if (!function->itself) {
		u64 caller = 0;

		if (bpf_probe_read_user(&caller, sizeof(caller), (const void *)STACK_POINTER(ctx)))
			return;
		return_at = find_return(ctx, STACK_POINTER(ctx), caller, function->results, function->first_result,
					*number);
		if (!return_at)
			return;
	}
	count(COUNTER_started);
	if (is_chosen(function, *number))
		begin(ctx, function, *number, return_at);
	else
		count(COUNTER_unsampled);
}

/* A place in a deferred call is one return address deeper than the function that has deferred it. */
static __always_inline int ends_here(const struct rule_operation *operation, u64 depth)
{
	return depth == operation->end_depth || depth == operation->end_depth + sizeof(u64);
}

/* Its frame is gone. */
static __attribute__((noinline)) void finish(struct pt_regs *ctx, struct rule_operation *operation, u64 goid,
					     u64 levels)
{
	const struct ruled_function *function;
	struct words error = {};
	struct rule_record *r;
	u64 stack;

	if (!operation)
		return;
	r = &operation->record;
	function = bpf_map_lookup_elem(&ruled_functions, &r->function);
	/* The results that are not in registers lie above where its return address was. */
	stack = read_word(GO_G(ctx) + g_stack + GO_STACK_HI) - operation->open.self.depth + STACK_ARGUMENTS;
	if (function && r->span.is_wanted) {
		take_registers(operation->registers, ctx);
		take_values(r, function, operation->registers, stack, 1);
		if (function->values[THE_ERROR].kind != VALUE_none &&
		    find_words(&error, &function->values[THE_ERROR], operation->registers, stack) && error.first)
			r->error_type = read_word(error.first + GO_ITAB_TYPE);
	}
	close_call(operation, goid, levels);
}

/* Behind the return of any of them. Where one returns what another returned, it is one place for both. */
static __always_inline void returned(struct pt_regs *ctx)
{
	u64 goid = current_goid(ctx);
	const struct rule_goroutine *goroutine = bpf_map_lookup_elem(&rule_goroutines, &goid);
	u64 levels = goroutine ? goroutine->levels : 0;
	u64 before = levels;
	u64 depth;

	if (!levels)
		return;
	depth = stack_depth(ctx);
	for (u32 i = 0; i < MAX_LEVELS; i++) {
		struct rule_operation *innermost = operation_at(goid, levels);

		if (!levels)
			break;
		if (innermost && ends_here(innermost, depth))
			finish(ctx, innermost, goid, levels);
		else if (!innermost || innermost->open.self.depth > depth)
			close_left(innermost, goid, levels);
		else
			break;
		levels--;
	}
	if (levels != before)
		set_levels(goid, levels);
}

GO_PROBE(rule_entered, entered)
GO_PROBE(rule_returned, returned)
