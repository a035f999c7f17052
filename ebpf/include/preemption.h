/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Kernels that give BPF programs a private stack (about 6.18 on) keep one a CPU, and uprobe programs can be
 * preempted: on preemptible kernels two threads then overwrite each other's variables (measured: 0.1 % of
 * events wrong on 7.2). There the objects built with GUARD_PREEMPTION are loaded; elsewhere the kfuncs may be
 * missing, or a global function be refused between them (6.12).
 */
#pragma once

#include "types.h"

#ifdef GUARD_PREEMPTION
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;
#else
#define bpf_preempt_disable()
#define bpf_preempt_enable()
#endif

/* A uprobe program whose body is `body(ctx)`. */
#define GO_PROBE(program, body)                                                                                \
	SEC("uprobe")                                                                                          \
	int program(struct pt_regs *ctx)                                                                       \
	{                                                                                                      \
		bpf_preempt_disable();                                                                         \
		body(ctx);                                                                                     \
		bpf_preempt_enable();                                                                          \
		return 0;                                                                                      \
	}
