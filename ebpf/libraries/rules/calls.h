/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The calls that a goroutine is in, by level: 1 is the outermost. What takes long to verify stands in global functions,
 * which the verifier looks at once; 5.10 lets them have numbers alone as parameters.
 */
#pragma once

#include "values.h"

static __always_inline struct rule_operation *call_at(u64 goid, u64 level)
{
	struct operation_key key = {.goid = goid, .level = level - 1};

	return bpf_map_lookup_elem(&rule_operations, &key);
}

/* How many calls the goroutine is in. */
static __always_inline u64 levels_of(u64 goid)
{
	const struct rule_operation *outermost = call_at(goid, 1);

	return outermost ? outermost->levels : 0;
}

static __always_inline void set_levels(u64 goid, u64 levels)
{
	struct rule_operation *outermost = call_at(goid, 1);

	if (outermost)
		outermost->levels = levels;
}

static __always_inline void keep_registers(u64 goid, struct pt_regs *ctx)
{
	struct rule_operation *outermost = call_at(goid, 1);

	if (outermost)
		take_registers(outermost->registers, ctx);
}

/* The context.Context among the arguments. `stack`: where those lie that are not in registers. */
static __always_inline void read_context(struct go_iface *context, u64 goid, const struct value_at *value, u64 stack)
{
	const struct rule_operation *outermost = call_at(goid, 1);

	if (outermost)
		find_words((struct words *)context, value, outermost->registers, stack);
}

/* The arguments, or the results, of the innermost call. */
__attribute__((noinline)) int take_values(u64 goid, u64 level, u64 stack, u64 at_return)
{
	struct rule_operation *operation = call_at(goid, level);
	const struct rule_operation *outermost = call_at(goid, 1);
	const struct ruled_function *function;

	if (!operation || !outermost)
		return 0;
	function = bpf_map_lookup_elem(&ruled_functions, &operation->record.function);
	if (!function)
		return 0;
	for (u32 i = 0; i < MAX_VALUES; i++) {
		const struct value_at *value = &function->values[i];

		if (value->kind != VALUE_none && value->at_return == at_return)
			take_value(&operation->record, i, value, outermost->registers, stack);
	}
	return 0;
}

/* Errors that begin with what they say, a string: the itabs of those that fmt and errors make; 0: not in the program. */
volatile const u64 itab_error_string = 0;
volatile const u64 itab_wrap_error = 0;
volatile const u64 itab_wrap_errors = 0;

static __always_inline int begins_with_message(u64 itab)
{
	return itab == itab_error_string || itab == itab_wrap_error || itab == itab_wrap_errors;
}

static __always_inline void take_error(struct rule_record *r, const struct rule_operation *outermost, u64 stack)
{
	const struct ruled_function *function = bpf_map_lookup_elem(&ruled_functions, &r->function);
	struct words error = {};

	if (!function || function->values[THE_ERROR].kind == VALUE_none)
		return;
	if (!find_words(&error, &function->values[THE_ERROR], outermost->registers, stack) || !error.first)
		return;
	r->error_type = read_word(error.first + GO_ITAB_TYPE);
	if (function->error_message && begins_with_message(error.first)) {
		struct go_string message = read_string(error.second);

		keep_text(&r->texts, &r->message, &message, MAX_VALUE_TEXT);
	}
}

/* Sends the call's span, and forgets the call. */
__attribute__((noinline)) int close_call(u64 goid, u64 level, u64 ended)
{
	struct operation_key key = {.goid = goid, .level = level - 1};
	struct rule_operation *operation = bpf_map_lookup_elem(&rule_operations, &key);
	struct rule_record *r;

	if (!operation)
		return 0;
	close_operation(&operation->open, goid);
	r = &operation->record;
	r->ended = ended;
	if (r->span.is_wanted) {
		r->span.end_ns = bpf_ktime_get_ns();
		submit(r, RECORD_SIZE(r));
	} else {
		count_unsampled(&r->span);
	}
	bpf_map_delete_elem(&rule_operations, &key);
	return 0;
}

/* A call whose results are to be seen: `stack_end` is where its goroutine's stack begins. */
__attribute__((noinline)) int finish_call(u64 goid, u64 level, u64 stack_end)
{
	struct rule_operation *operation = call_at(goid, level);
	const struct rule_operation *outermost = call_at(goid, 1);

	if (operation && outermost && operation->record.span.is_wanted) {
		/* The results that are not in registers lie above where its return address was. */
		u64 stack = stack_end - operation->open.self.depth + STACK_ARGUMENTS;

		take_values(goid, level, stack, 1);
		take_error(&operation->record, outermost, stack);
	}
	return close_call(goid, level, CALL_returned);
}

/* Calls that have gone with a panic are over at the latest when the next one begins. Returns how many go on. */
__attribute__((noinline)) u64 levels_here(u64 goid, u64 g, u64 stack_pointer, u64 frame_pointer)
{
	u64 levels = levels_of(goid);

	for (u32 i = 0; i < MAX_LEVELS && levels; i++) {
		struct rule_operation *innermost = call_at(goid, levels);

		if (innermost && goes_on_at(&innermost->open.self, g, stack_pointer, frame_pointer))
			break;
		close_call(goid, levels, CALL_left);
		levels--;
	}
	return levels;
}
