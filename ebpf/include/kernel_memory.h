/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Reads of the kernel's own structs, at offsets that the agent has from the kernel's BTF. */
#pragma once

#include "types.h"

static __always_inline u64 kernel_word(u64 address)
{
	u64 word = 0;

	if (address)
		bpf_probe_read_kernel(&word, sizeof(word), (const void *)address);
	return word;
}

static __always_inline u32 kernel_half_word(u64 address)
{
	u32 half = 0;

	if (address)
		bpf_probe_read_kernel(&half, sizeof(half), (const void *)address);
	return half;
}
