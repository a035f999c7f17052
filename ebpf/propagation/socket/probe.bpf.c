// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Watches the TCP connections that the target opens, and puts what a uprobe has left for one of them (outgoing.h) into
 * what it sends: header lines into the head of its next request of HTTP/1, fields into frames of headers of HTTP/2. All
 * else passes as it is.
 */

#include "frames.h"
#include "head.h"
#include "process.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

#define IPPROTO_TCP 6
/* What a cgroup's program returns to let the call go on. */
#define ALLOW 1

/*
 * The watched connections: what they send passes through write_context. A closed one leaves by itself. There is no
 * program for what they receive: it would keep data in a queue that is lost when the map goes
 * (docs/decisions/0013-propagation.md).
 */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 65536);
	__type(key, u64);
	__type(value, u32);
} connections SEC(".maps");

static __always_inline int mark(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	u64 *cookie;

	if (ctx->protocol != IPPROTO_TCP || !sk || !is_target())
		return ALLOW;
	cookie = bpf_sk_storage_get(&cookies, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (cookie)
		*cookie = bpf_get_socket_cookie(ctx);
	else
		count_outgoing(OUTGOING_not_watchable);
	return ALLOW;
}

SEC("cgroup/connect4")
int connecting4(struct bpf_sock_addr *ctx)
{
	return mark(ctx);
}

SEC("cgroup/connect6")
int connecting6(struct bpf_sock_addr *ctx)
{
	return mark(ctx);
}

SEC("sockops")
int connected(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	u64 *cookie, key;

	if (ctx->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || !sk)
		return ALLOW;
	cookie = bpf_sk_storage_get(&cookies, sk, 0, 0);
	if (!cookie)
		return ALLOW;
	key = *cookie;
	if (bpf_sock_hash_update(ctx, &connections, &key, BPF_ANY))
		count_outgoing(OUTGOING_not_watchable);
	return ALLOW;
}

#define STEPS 64
#define PARTS 128

/* Some steps through the head. A global function, verified once and not in each pass of the caller's loop. */
__attribute__((noinline)) int read_part(struct sk_msg_md *msg)
{
	u64 cookie = cookie_of(msg);
	struct outgoing_head *head = bpf_map_lookup_elem(&outgoing_heads, &cookie);

	if (!head)
		return PROGRESS_not_http;
	for (u32 i = 0; i < STEPS; i++) {
		enum progress progress = read_step(head, msg->data, msg->data_end);

		if (progress != PROGRESS_again)
			return progress;
	}
	return PROGRESS_again;
}

/* Reads on in the head, in this message. */
static __always_inline enum progress read_message(struct sk_msg_md *msg, struct outgoing_head *head)
{
	head->at = 0;
	if (!head->begun && !begins_with_method(msg))
		return PROGRESS_not_http;
	head->begun = 1;
	for (u32 i = 0; i < PARTS; i++) {
		int progress = read_part(msg);

		if (progress != PROGRESS_again)
			return progress;
	}
	return PROGRESS_again;
}

static __always_inline int has_own(const struct outgoing_head *head)
{
	const struct outgoing_settings *settings = outgoing_config();

	if (head->found & OWN_traceparent)
		return 1;
	return settings && settings->propagators & (PROPAGATOR_b3 | PROPAGATOR_b3multi) &&
	       head->found & (OWN_b3 | OWN_b3_trace_id);
}

/* Puts the text before the empty line at `at`. When that fails the message is again as it was, or dropped. */
static __always_inline int write_text(struct sk_msg_md *msg, const struct outgoing_head *head, u32 at)
{
	u32 length = head->length;

	if (head->found & OWN_baggage)
		length -= head->baggage;
	if (!length || length > OUTGOING_BYTES)
		return SK_PASS;
	if (bpf_msg_push_data(msg, at, length, 0)) {
		count_outgoing(OUTGOING_refused);
		return SK_PASS;
	}
	if (fill(msg, head, at, length)) {
		count_outgoing(OUTGOING_written);
		return SK_PASS;
	}
	/* The new bytes hold what their memory held before: they must not go out. */
	if (bpf_msg_pop_data(msg, at, length, 0)) {
		count_outgoing(OUTGOING_dropped);
		return SK_DROP;
	}
	count_outgoing(OUTGOING_refused);
	return SK_PASS;
}

/* The head of the connection's next request, which is being written. */
static __always_inline int write_head(struct sk_msg_md *msg, u64 cookie, struct outgoing_head *head)
{
	u32 size = msg->size;
	int verdict = SK_PASS;

	if (bpf_msg_pull_data(msg, 0, size < MAX_READ ? size : MAX_READ, 0)) {
		count_outgoing(OUTGOING_refused);
	} else {
		enum progress progress = read_message(msg, head);

		if (progress == PROGRESS_more && size <= MAX_READ)
			return SK_PASS;
		if (progress == PROGRESS_not_http)
			count_outgoing(OUTGOING_not_http);
		else if (progress != PROGRESS_end)
			count_outgoing(OUTGOING_head_too_long);
		else if (has_own(head))
			count_outgoing(OUTGOING_own_header);
		else
			verdict = write_text(msg, head, head->at);
	}
	bpf_map_delete_elem(&outgoing_heads, &cookie);
	return verdict;
}

/* Each write of a watched connection, before it is cut into segments. */
SEC("sk_msg")
int write_context(struct sk_msg_md *msg)
{
	u64 cookie = cookie_of(msg);
	struct outgoing_head *head = bpf_map_lookup_elem(&outgoing_heads, &cookie);
	struct outgoing_connection *connection;

	if (head)
		return write_head(msg, cookie, head);
	connection = bpf_map_lookup_elem(&outgoing_connections, &cookie);
	return connection ? write_frames(msg, cookie, connection) : SK_PASS;
}
