/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What is kept while headers are captured: the record that the agent gets, and what was found so far. */
#pragma once

#include "span.h"
#include "wanted_headers.h"

/* Of one header: most values, most bytes of each. Of a request: most bytes behind which no more values are begun. */
#define MAX_CAPTURED_VALUES 8
#define MAX_CAPTURED_VALUE 256
#define CAPTURED_BYTES 2048

/* Begins a record; `length` bytes of values follow. */
struct captured_headers {
	struct record_header record;
	u8 span_id[8];
	u32 length;
	enum header_set set;
	u8 _pad[3];
};

/* Begins a value; `name_length` bytes of its header's name and `length` bytes of itself follow. */
struct captured_value {
	/* 0: another one of the header before. */
	u8 name_length;
	/* 1: it was longer. */
	u8 cut;
	u16 length;
};

/* An entry of the map that is wanted. */
struct found_entry {
	/* As the program has it. */
	u64 name[MAX_CAPTURED_NAME / sizeof(u64)];
	/* 0: not found. */
	u64 name_length;
	/* Where its values are, an array of strings, and how many. */
	struct go_string values;
	/* 1: that it is there is all to be told. */
	u64 is_secret;
};

/* What a program keeps while it captures: the frames of its functions have to fit in 512 bytes together. */
struct capture {
	struct captured_headers head;
	u8 bytes[CAPTURED_BYTES + sizeof(struct captured_value) + NAME_MASK + MAX_CAPTURED_VALUE];
	/* The value that is kept next. */
	struct captured_value value;
	/* The key that is looked at. */
	u64 key[MAX_CAPTURED_NAME / sizeof(u64)];
	struct found_entry found[CAPTURED_NAMES];
	/* Marks and slots of the group that is looked at. */
	u8 group[MAP_SLOTS + MAP_SLOTS * MAX_SLOT];
};

/* While a program runs. Keyed by goroutine, as another thread's program may run in its midst: a place per CPU won't do. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u64);
	__type(value, struct capture);
} captures SEC(".maps");

/* What a new entry is copied from: the stack has no room for it. */
static const struct capture no_capture;
