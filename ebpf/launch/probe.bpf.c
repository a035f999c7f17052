// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Stops a program at its very first instruction, so that its probes are there before it does anything. The agent
 * attaches it at the entry point of the file that a child of its own is about to execute, in that child alone, and lets
 * the child go on with SIGCONT.
 */

#include "types.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

/* The same number on amd64 and arm64: include/uapi/asm-generic/signal.h. */
#define SIGSTOP 19

SEC("uprobe")
int stop_at_entry(void *ctx __attribute__((unused)))
{
	return bpf_send_signal(SIGSTOP) != 0;
}
