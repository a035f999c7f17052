/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Whether the target is the process that runs. */
#pragma once

#include "types.h"

/* The target's process id, as the kernel has it. */
volatile const u32 process = 0;

static __always_inline int is_target(void)
{
	return bpf_get_current_pid_tgid() >> 32 == process;
}
