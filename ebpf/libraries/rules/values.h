/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Reads arguments and results: the agent has said where each is (src/plan/rules). */
#pragma once

#include "rules.h"

/* Registers that hold arguments and results, in Go's order. */
static __always_inline void take_registers(u64 *into, struct pt_regs *ctx)
{
	into[0] = GO_ARG0(ctx);
	into[1] = GO_ARG1(ctx);
	into[2] = GO_ARG2(ctx);
	into[3] = GO_ARG3(ctx);
	into[4] = GO_ARG4(ctx);
	into[5] = GO_ARG5(ctx);
	into[6] = GO_ARG6(ctx);
	into[7] = GO_ARG7(ctx);
	into[8] = GO_ARG8(ctx);
#ifdef GO_ARG15
	into[9] = GO_ARG9(ctx);
	into[10] = GO_ARG10(ctx);
	into[11] = GO_ARG11(ctx);
	into[12] = GO_ARG12(ctx);
	into[13] = GO_ARG13(ctx);
	into[14] = GO_ARG14(ctx);
	into[15] = GO_ARG15(ctx);
#endif
}

/* A value's first two words. */
struct words {
	u64 first;
	u64 second;
};

/*
 * Where a value lies in memory, after the pointers on the way to it; 0 for one that lies in registers, 1 when there is
 * no value: one of the pointers is nil, or can't be read.
 */
static __always_inline u64 address_of(const struct value_at *value, const u64 *registers, u64 stack)
{
	u64 pointer = registers[value->number & 15];
	u64 at = stack + value->slot;

	if (!value->hops)
		return value->in_register ? 0 : at;
	if (!value->in_register && bpf_probe_read_user(&pointer, sizeof(pointer), (const void *)at))
		return 1;
	for (u32 i = 0; i < MAX_HOPS; i++) {
		if (!pointer)
			return 1;
		at = pointer + value->offsets[i];
		if (i + 1 >= value->hops)
			return at;
		if (bpf_probe_read_user(&pointer, sizeof(pointer), (const void *)at))
			return 1;
	}
	return 1;
}

/* 0: there is no such value. */
static __attribute__((noinline)) int find_words(struct words *found, const struct value_at *value,
						const u64 *registers, u64 stack)
{
	u64 at = address_of(value, registers, stack);
	u32 size = value->kind == VALUE_number ? value->size & 15 : sizeof(*found);

	if (at == 1)
		return 0;
	if (!at) {
		found->first = registers[value->number & 15];
		found->second = registers[(value->number + 1) & 15];
		return 1;
	}
	if (size > sizeof(*found))
		size = sizeof(*found);
	if (!size || !bpf_probe_read_user(found, size, (const void *)at))
		return 1;
	count(COUNTER_field_unreadable);
	return 0;
}

static __always_inline void take_value(struct rule_record *r, u32 i, const struct value_at *value,
				       const u64 *registers, u64 stack)
{
	struct words found = {};
	struct go_string text;

	if (!find_words(&found, value, registers, stack))
		return;
	if (value->kind == VALUE_text) {
		text.data = found.first;
		text.length = found.second;
		keep_text(&r->texts, &r->values[i], &text, MAX_VALUE_TEXT);
		/* Not one that could not be read. */
		if (text.length && !r->values[i].length)
			return;
	} else if (value->kind == VALUE_type) {
		r->numbers[i] = found.first ? read_word(found.first + GO_ITAB_TYPE) : 0;
	} else {
		r->numbers[i] = found.first;
	}
	r->present |= 1 << i;
}

/* Bytes from a function's stack pointer at its entry to its arguments on the stack. */
#define STACK_ARGUMENTS 8
