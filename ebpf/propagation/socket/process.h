/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Whether the target is the process that runs. */
#pragma once

#include "kernel_memory.h"

/* The target's process id, in the agent's PID namespace. */
volatile const u32 process = 0;
/* Inode number of that namespace; 0 when it is the initial one, whose ids the kernel itself uses. */
volatile const u32 process_namespace = 0;

/*
 * The kernel's own structs from a task to its process's ids: task_struct.signal, signal_struct.pids, pid.level,
 * pid.numbers, upid.nr, upid.ns, pid_namespace.ns, ns_common.inum. Bytes.
 */
struct process_path {
	u16 task_signal;
	u16 signal_pids;
	u16 pid_level;
	u16 pid_numbers;
	u16 id_number;
	u16 id_namespace;
	u16 namespace_common;
	u16 common_inode;
};

volatile const struct process_path process_path = {};

/* enum pid_type of include/linux/pid_types.h, and the size of a struct upid: an int and a pointer. */
#define PIDTYPE_TGID 1
#define UPID_SIZE 16
/* MAX_PID_NS_LEVEL of include/linux/pid_namespace.h */
#define MAX_LEVEL 32

/* A process has an id in its own namespace and in each around it. */
static __always_inline int has_id_in_namespace(void)
{
	u64 signal = kernel_word(bpf_get_current_task() + process_path.task_signal);
	u64 pid = signal ? kernel_word(signal + process_path.signal_pids + PIDTYPE_TGID * sizeof(u64)) : 0;
	u32 level = pid ? kernel_word(pid + process_path.pid_level) : 0;

	for (u32 i = 0; pid && i <= MAX_LEVEL && i <= level; i++) {
		u64 id = pid + process_path.pid_numbers + i * UPID_SIZE;
		u64 namespace = kernel_word(id + process_path.id_namespace);

		if (!namespace)
			break;
		namespace += process_path.namespace_common + process_path.common_inode;
		if ((u32)kernel_word(namespace) == process_namespace)
			return (u32)kernel_word(id + process_path.id_number) == process;
	}
	return 0;
}

static __always_inline int is_target(void)
{
	if (process_namespace)
		return has_id_in_namespace();
	return bpf_get_current_pid_tgid() >> 32 == process;
}
