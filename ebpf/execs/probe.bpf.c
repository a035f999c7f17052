// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Counts the programs that are executed on this machine, so that who waits for one need not look when there were none. */

#include "types.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} execs SEC(".maps");

SEC("raw_tracepoint/sched_process_exec")
int count_exec(void *ctx __attribute__((unused)))
{
	u32 key = 0;
	u64 *count = bpf_map_lookup_elem(&execs, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}
