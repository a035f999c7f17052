/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the agent says of the functions that the user's rules name, and the record of one of their calls. */
#pragma once

#include "open_span.h"
#include "text.h"

/* Functions, not rules: a pattern may fit many. */
#define MAX_RULED 512
/* Of one function: arguments and results together. */
#define MAX_VALUES 8
/* Pointers that are followed on the way to a value. */
#define MAX_HOPS 4
/* Bytes of a text. */
#define MAX_VALUE_TEXT 256
/* Calls of ruled functions within each other on one goroutine. */
#define MAX_LEVELS 32

enum value_kind {
	VALUE_none,
	/* `size` bytes, which the agent knows how to read. */
	VALUE_number,
	/* A string, or a slice of bytes. */
	VALUE_text,
	/* Which type an interface value with methods holds: an error. */
	VALUE_type,
	/* Which type an `any` holds. */
	VALUE_any_type,
} __attribute__((packed));

/* Where a value is, and how it is read. */
struct value_at {
	/* Bytes behind each pointer that is followed. */
	u32 offsets[MAX_HOPS];
	/* In the arguments' part of the stack, where `in_register` is 0. */
	u32 slot;
	enum value_kind kind;
	u8 in_register;
	/* The first of them. */
	u8 number;
	u8 hops;
	u8 size;
	u8 at_return;
	u8 _pad[2];
};

/* Behind the values: of the results, the error; of the arguments, the context.Context. VALUE_none for none. */
#define THE_ERROR MAX_VALUES
#define THE_CONTEXT (MAX_VALUES + 1)

struct ruled_function {
	struct value_at values[MAX_VALUES + 2];
	/* Of 2^32: calls below it become spans. */
	u64 share;
	/* Spans in a second; 0: any number. */
	u32 rate;
	/* Of the result registers: how many are read, and the first of them. */
	u8 results;
	u8 first_result;
	/* 1: it is probed where it returns, so its callers don't matter. */
	u8 itself;
	/* 1: the entry's probe sits on the stack check's branch. */
	u8 flags_test;
	/* 1: what an error says is wanted. */
	u8 error_message;
	u8 _pad[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_RULED);
	__type(key, u32);
	__type(value, struct ruled_function);
} ruled_functions SEC(".maps");

/* Address of the instruction at a function's entry → its place in ruled_functions. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_RULED);
	__type(key, u64);
	__type(value, u32);
} ruled_entries SEC(".maps");

struct ruled_second {
	u64 second;
	u64 spans;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_RULED);
	__type(key, u32);
	__type(value, struct ruled_second);
} ruled_seconds SEC(".maps");

/* How a call ended. */
enum call_end {
	CALL_returned,
	/* Its frame has gone without a return: a panic that a caller has recovered from. */
	CALL_left,
} __attribute__((packed));

struct rule_record {
	struct span_header span;
	/* Of the error that it returned: its type's descriptor. */
	u64 error_type;
	u64 numbers[MAX_VALUES];
	/* Its place in ruled_functions. */
	u32 function;
	/* A bit for each value that was read. */
	u8 present;
	enum call_end ended;
	u16 _pad;
	struct text values[MAX_VALUES];
	/* What the error says. */
	struct text message;
	struct texts texts;
};

/* A call between its entry and its return. */
struct rule_operation {
	struct open_operation open;
	/* Bytes of stack in use where its return is seen. */
	u64 end_depth;
	/* Of a goroutine's outermost call: how many it is in. */
	u64 levels;
	/* The same, as scratch: the registers at a probe. */
	u64 registers[16];
	struct rule_record record;
};

struct operation_key {
	u64 goid;
	/* How many others it is within. */
	u64 level;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct operation_key);
	__type(value, struct rule_operation);
} rule_operations SEC(".maps");

/* What a new entry is copied from: the stack has no room for it. */
static const struct rule_operation no_operation;
