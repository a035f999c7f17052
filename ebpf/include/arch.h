/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Registers of a Go program at a uprobe.
 *
 * The two structs are the kernel's own `struct pt_regs` of each architecture, part of its user ABI:
 * arch/x86/include/uapi/asm/ptrace.h and arch/arm64/include/uapi/asm/ptrace.h (user_pt_regs).
 * Go passes arguments and results in registers: src/cmd/compile/abi-internal.md, since Go 1.17 (arm64: 1.18).
 */
#pragma once

#include "types.h"

#if defined(__TARGET_ARCH_x86)

struct pt_regs {
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
	u64 ip, cs, flags, sp, ss;
};

#define GO_G(ctx) ((ctx)->r14)
#define GO_ARG0(ctx) ((ctx)->ax)
#define GO_ARG1(ctx) ((ctx)->bx)
#define GO_ARG2(ctx) ((ctx)->cx)
#define GO_ARG3(ctx) ((ctx)->di)

/* Entry probes sit on PUSHQ BP, behind the stack check: they run once a call. */
#define STACK_CHECK_FAILS(ctx) 0

#elif defined(__TARGET_ARCH_arm64)

struct pt_regs {
	u64 regs[31];
	u64 sp, pc, pstate;
};

#define GO_G(ctx) ((ctx)->regs[28])
#define GO_ARG0(ctx) ((ctx)->regs[0])
#define GO_ARG1(ctx) ((ctx)->regs[1])
#define GO_ARG2(ctx) ((ctx)->regs[2])
#define GO_ARG3(ctx) ((ctx)->regs[3])

/*
 * Entry probes sit on the B.LS of the stack check, the only simulated instruction of a prologue. When it
 * branches (C clear or Z set) the stack grows and the function starts again: that hit is not a call.
 */
#define PSTATE_Z (1ULL << 30)
#define PSTATE_C (1ULL << 29)
#define STACK_CHECK_FAILS(ctx) (((ctx)->pstate & (PSTATE_C | PSTATE_Z)) != PSTATE_C)

#else
#error "unknown architecture"
#endif
