/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Names of the headers that the user wants to have on spans. */
#pragma once

#include "go_header.h"

/* As src/config/values.ts has them: two of the limits of what a user may name. */
#define CAPTURED_NAMES 8
#define MAX_CAPTURED_NAME 64
#define NAME_MASK (2 * MAX_CAPTURED_NAME - 1)

enum header_set {
	CAPTURED_server_request,
	CAPTURED_server_response,
	CAPTURED_client_request,
	CAPTURED_client_response,
	HEADERSETS,
} __attribute__((packed));

/* Names, which differ in capital letters from those in the program's maps. */
struct wanted_headers {
	/* Bit n - 1: one of them has n bytes. 0: none is wanted. */
	u64 lengths;
	u8 name_lengths[CAPTURED_NAMES];
	/* Bit i: of name i only that it is there; its value stays where it is. */
	u8 secrets;
	u8 _pad[7];
	/* Each of MAX_CAPTURED_NAME bytes, all of them with SMALL's bit, also behind its end. */
	u8 names[CAPTURED_NAMES * MAX_CAPTURED_NAME];
};

/* Written by the agent, also while it runs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HEADERSETS);
	__type(key, u32);
	__type(value, struct wanted_headers);
} wanted_headers SEC(".maps");

static __always_inline const struct wanted_headers *wanted_of(u32 set)
{
	return bpf_map_lookup_elem(&wanted_headers, &set);
}

static __always_inline int is_any_wanted(u32 set)
{
	const struct wanted_headers *wanted = captures_headers ? wanted_of(set) : 0;

	return wanted && wanted->lengths;
}
