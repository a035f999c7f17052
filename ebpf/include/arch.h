/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Registers of a Go program at a uprobe.
 *
 * The two structs are the kernel's own `struct pt_regs` of each architecture, part of its user ABI:
 * arch/x86/include/uapi/asm/ptrace.h and arch/arm64/include/uapi/asm/ptrace.h (user_pt_regs).
 * Go passes arguments and results in registers since Go 1.17 (arm64: 1.18); in which ones, go_facts.h says.
 */
#pragma once

#include "go_facts.h"
#include "types.h"

/*
 * Set by the agent: entry probes sit on the branch of the stack check (arm64, and amd64 up to Go 1.20). When it
 * branches, the stack grows and the function starts again: that hit is not a call. Otherwise they sit behind it, on
 * PUSHQ BP, and run once a call.
 */
volatile const u8 entry_is_stack_check = 0;

#define STACK_CHECK_FAILS(ctx) (entry_is_stack_check && BELOW_OR_EQUAL(ctx))

#if defined(__TARGET_ARCH_x86)

struct pt_regs {
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
	u64 ip, cs, flags, sp, ss;
};

/* JLS, which others call JBE, branches with either flag. */
#define FLAGS_CARRY (1ULL << 0)
#define FLAGS_ZERO (1ULL << 6)
#define BELOW_OR_EQUAL(ctx) (((ctx)->flags & (FLAGS_CARRY | FLAGS_ZERO)) != 0)

/* At an entry probe the function's own frame isn't made yet: the return address is at the stack's end. */
#define STACK_POINTER(ctx) ((ctx)->sp)
#define FRAME_POINTER(ctx) ((ctx)->bp)
/* Of the instruction that the probe sits on. */
#define PROBED_ADDRESS(ctx) ((ctx)->ip)

/* A call pushes its return address, and a return takes it away: what lies behind it is as the caller has it. */
#define BEHIND_RETURN_ADDRESS 8
/* Where results that are not in registers begin, from the caller's end of the stack. */
#define STACK_RESULTS 0

#elif defined(__TARGET_ARCH_arm64)

struct pt_regs {
	u64 regs[31];
	u64 sp, pc, pstate;
};

/* B.LS branches unless C is set and Z is not. */
#define PSTATE_Z (1ULL << 30)
#define PSTATE_C (1ULL << 29)
#define BELOW_OR_EQUAL(ctx) (((ctx)->pstate & (PSTATE_C | PSTATE_Z)) != PSTATE_C)

#define STACK_POINTER(ctx) ((ctx)->sp)
#define FRAME_POINTER(ctx) ((ctx)->regs[29])
#define PROBED_ADDRESS(ctx) ((ctx)->pc)

#define LINK_REGISTER(ctx) ((ctx)->regs[30])
#define BEHIND_RETURN_ADDRESS 0
/* The word before them is for the link register of the function that is called. */
#define STACK_RESULTS 8

#else
#error "unknown architecture"
#endif
