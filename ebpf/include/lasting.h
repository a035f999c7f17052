/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Spans that no function's return ends: the processing of a message, which goes on behind the call that brought it, and
 * often on other goroutines. The span's record is sent when it begins; what ends it comes in small records later, and
 * src/spans/lasting.ts makes the end of both.
 */
#pragma once

#include "acknowledged.h"
#include "events.h"
#include "span.h"

enum lasting_until {
	/* Its goroutine asks for the next one. */
	UNTIL_next,
	/* It is acknowledged. */
	UNTIL_acknowledged,
} __attribute__((packed));

struct lasting {
	/* The one that has it. */
	u64 goid;
	/* What it can be acknowledged in, such as a partition that somebody reads: a hash, as line_of makes them. */
	u8 line[8];
	/* Its place there: an acknowledgement is of all places up to one. */
	u64 position;
	enum lasting_until until;
	u8 _pad[7];
};

/* What a library's record of the kind RECORD_lasting_span begins with; its end_ns is not known yet. */
struct lasting_span {
	struct span_header span;
	struct lasting lasting;
};

/* RECORD_next_asked has a goroutine and a time alone. */
struct lasting_note {
	struct record_header record;
	u64 at_ns;
	u64 goid;
	u8 line[8];
	u64 position;
};

/* Not inlined: for its type's BTF. */
static __attribute__((noinline)) int submit_lasting(struct lasting_span *span, u32 size)
{
	span->span.record.kind = RECORD_lasting_span;
	return submit(span, size);
}

static __attribute__((noinline)) void note(struct lasting_note *note)
{
	/* What is lost here ends later, and is counted then. */
	send(note, sizeof(*note));
}

static __always_inline void note_next_asked(u64 goid)
{
	struct lasting_note asked = {
		.record = {.library = library_id, .kind = RECORD_next_asked},
		.at_ns = bpf_ktime_get_ns(),
		.goid = goid,
	};

	note(&asked);
}

static __always_inline void note_acknowledged(u64 goid, u64 line, u64 position)
{
	struct lasting_note acknowledged = {
		.record = {.library = library_id, .kind = RECORD_acknowledged},
		.at_ns = bpf_ktime_get_ns(),
		.goid = goid,
		.position = position,
	};

	*(u64 *)acknowledged.line = line;
	keep_acknowledged(line, position);
	note(&acknowledged);
}

/* An odd number with its bits well spread: 2^64 divided by the golden ratio. */
static __always_inline u64 mix(u64 sum, u64 word)
{
	u64 mixed = (sum ^ word) * 0x9e3779b97f4a7c15ULL;

	return mixed ^ mixed >> 32;
}

/* Kafka's topics have up to 249. */
#define MAX_LINE_NAME 256

/* The line of this reader, this name at `data`, and this number. A global function, verified once. */
__attribute__((noinline)) u64 line_of(u64 reader, u64 data, u64 length, u64 number)
{
	u64 sum = mix(mix(mix(1, reader), number), length);

	for (u32 at = 0; at < MAX_LINE_NAME; at += 8) {
		u64 left = length - at;
		u64 word = 0;

		if (at >= length)
			break;
		if (left > sizeof(word))
			left = sizeof(word);
		barrier_var(left);
		if (left > sizeof(word) || bpf_probe_read_user(&word, left, (const void *)(data + at)))
			break;
		sum = mix(sum, word);
	}
	return sum;
}
