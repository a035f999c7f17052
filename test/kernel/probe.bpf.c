// Test programs: each hit counts, and sends a record whose length and bytes follow from the call's argument.
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#ifdef GUARD_PREEMPTION
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;
#else
#define bpf_preempt_disable()
#define bpf_preempt_enable()
#endif

#define MAX_WORDS 24

struct record {
	__u64 which; // 1 start, 2 end
	__u64 argument;
	__u64 mark;
	__u64 words[MAX_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

const volatile __u64 mark = 0;
const volatile __u32 wakeup_every = 0;
__u64 base = 0;

static __always_inline void count(__u32 key)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &key);
	if (value)
		*value += 1;
}

static __always_inline void send(struct pt_regs *ctx, __u32 which)
{
	struct record record = {};
	__u64 argument = PT_REGS_RC(ctx); // Go's first integer argument is in RAX or X0, as C's result is

	count(which);
	record.which = which;
	record.argument = argument;
	record.mark = mark + base;
	__u64 words = argument % (MAX_WORDS + 1);
	for (int i = 0; i < MAX_WORDS; i++)
		record.words[i] = argument * 31 + i;
	__u64 size = 24 + words * 8 - argument % 8;
	barrier_var(size); // or clang drops the bound below, which the verifier needs
	if (size < 24)
		size = 24;
	if (size > sizeof(record))
		size = sizeof(record);
	__u64 flags = wakeup_every && argument % wakeup_every == 0 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
	if (bpf_ringbuf_output(&events, &record, size, flags))
		count(0);
}

SEC("uprobe")
int on_start(struct pt_regs *ctx)
{
	bpf_preempt_disable();
	__u32 key = PT_REGS_RC(ctx) & 63;
	__u64 value = key;

	bpf_map_update_elem(&seen, &key, &value, BPF_ANY);
	send(ctx, 1);
	bpf_preempt_enable();
	return 0;
}

SEC("uprobe")
int on_end(struct pt_regs *ctx)
{
	bpf_preempt_disable();
	send(ctx, 2);
	bpf_preempt_enable();
	return 0;
}

// Follows a number as if it were a pointer to kernel memory: no verifier takes it.
SEC("uprobe")
int refused(struct pt_regs *ctx)
{
	return *(volatile __u64 *)PT_REGS_RC(ctx);
}

char LICENSE[] SEC("license") = "GPL";
