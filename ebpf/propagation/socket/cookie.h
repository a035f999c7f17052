/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Which connection a message is sent on. */
#pragma once

#include "types.h"

/* Socket cookie of a watched connection. Goes with the socket. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} cookies SEC(".maps");

static __always_inline u64 cookie_of(struct sk_msg_md *msg)
{
	struct bpf_sock *sk = msg->sk;
	u64 *cookie = sk ? bpf_sk_storage_get(&cookies, sk, 0, 0) : 0;

	return cookie ? *cookie : 0;
}
