/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Where on its goroutine's stack a function stands. Stacks move, distances from their upper end don't. */
#pragma once

#include "go.h"

volatile const u16 g_stack = ABSENT;

/* Bytes of stack in use: larger the deeper the call. */
static __always_inline u64 stack_depth(struct pt_regs *ctx)
{
	return read_word(GO_G(ctx) + g_stack + GO_STACK_HI) - STACK_POINTER(ctx);
}

/* Where the function returns to that was entered here. */
static __always_inline u64 return_address(struct pt_regs *ctx)
{
#ifdef LINK_REGISTER
	return LINK_REGISTER(ctx);
#else
	return read_word(STACK_POINTER(ctx));
#endif
}

/* What lies there: at the depth of a function's entry its return address, or on arm64 its caller's. */
static __always_inline u64 stack_word(u64 g, u64 depth)
{
	u64 word = 0;

	bpf_probe_read_user(&word, sizeof(word), (const void *)(read_word(g + g_stack + GO_STACK_HI) - depth));
	return word;
}

/* Frames between two operations that are looked at; further apart the word on the stack alone decides. */
#define MAX_FRAMES_BETWEEN 200

/*
 * Whether the function whose entry was at this depth is still among the callers here. After a panic that something has
 * recovered from, what is called next lies over its frame, but need not have written all of it. A global function,
 * verified once.
 */
__attribute__((noinline)) int is_within_frame(u64 frame, u64 entry)
{
	for (u32 i = 0; i < MAX_FRAMES_BETWEEN; i++) {
		u64 next = 0;

		/* A frame begins with its caller's frame pointer; the return address is above. */
		if (frame + sizeof(u64) >= entry)
			return frame + sizeof(u64) == entry;
		if (bpf_probe_read_user(&next, sizeof(next), (const void *)frame) || next <= frame)
			break;
		frame = next;
	}
	return 1;
}
