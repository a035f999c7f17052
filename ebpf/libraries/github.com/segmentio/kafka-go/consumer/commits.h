/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The messages of a call that commits: of each partition the last one counts. */
#pragma once

#include "reader.h"

/* Messages of one call of CommitMessages that are looked at: the last ones. */
#define MAX_COMMITTED 1024

/* What one call commits in a row in one partition: told of once. */
struct kafka_commits {
	u64 reader;
	struct go_string topic;
	u64 partition;
	/* The last one; only where `any`. */
	u64 offset;
	u64 any;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct kafka_commits);
} kafka_committing SEC(".maps");

static __always_inline void tell_commits(struct kafka_commits *commits, u64 goid)
{
	if (commits->any)
		note_acknowledged(goid, line_of_message(commits->reader, &commits->topic, commits->partition),
				  commits->offset);
}

/* One message of those that are committed. A global function, verified once for all passes of the loop. */
__attribute__((noinline)) int take_commit(u64 at, u64 goid)
{
	struct kafka_commits *commits = bpf_map_lookup_elem(&kafka_committing, &goid);
	struct go_string topic = read_string(at + message_topic);
	u64 partition = read_word(at + message_partition);
	u64 offset = read_word(at + message_offset);

	if (!commits)
		return 0;
	if (!commits->any || commits->partition != partition || commits->topic.data != topic.data ||
	    commits->topic.length != topic.length) {
		tell_commits(commits, goid);
		commits->topic = topic;
		commits->partition = partition;
		commits->offset = offset;
		commits->any = 1;
	}
	if (offset > commits->offset)
		commits->offset = offset;
	return 0;
}
