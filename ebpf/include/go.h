/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* How Go's own values lie in memory, and reads of them. */
#pragma once

#include "arch.h"
#include "counters.h"

struct go_string {
	u64 data;
	u64 length;
};

struct go_slice {
	u64 data;
	u64 length;
	u64 capacity;
};

struct go_iface {
	u64 tab;
	u64 data;
};

_Static_assert(__builtin_offsetof(struct go_string, length) == GO_STRING_LENGTH, "go_string is Go's");
_Static_assert(__builtin_offsetof(struct go_iface, data) == GO_IFACE_DATA, "go_iface is Go's");

/* An offset that this binary does not have. */
#define ABSENT 0xffff

volatile const u16 g_goid = ABSENT;
volatile const u16 g_panic = ABSENT;
volatile const u16 panic_arg = ABSENT;
volatile const u16 panic_goexit = ABSENT;

/* Every failed read of a field counts: no span lacks something unnoticed. */
static __always_inline int read_user(void *into, u32 size, u64 address)
{
	int error = bpf_probe_read_user(into, size, (const void *)address);

	if (error)
		count(COUNTER_field_unreadable);
	return error;
}

static __always_inline u64 read_word(u64 address)
{
	u64 word = 0;

	read_user(&word, sizeof(word), address);
	return word;
}

/* 0 when it can't be read: goroutine ids start at 1 and are never used again. */
static __always_inline u64 current_goid(struct pt_regs *ctx)
{
	u64 goid = 0;

	bpf_probe_read_user(&goid, sizeof(goid), (const void *)(GO_G(ctx) + g_goid));
	return goid;
}
