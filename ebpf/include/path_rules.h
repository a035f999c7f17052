/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Rules that say by a request's path which share of its kind is recorded, instead of the sampler. Paths are compared
 * as they were sent: percent-encoded, without the query.
 */
#pragma once

#include "sampling.h"

#define MAX_PATH_RULES 32
/* Bytes of a rule's path. */
#define MAX_RULE_PATH 64
/* How far a target is looked at whose path begins behind "http://host": a name of DNS has 253 bytes, a port six. */
#define MAX_AUTHORITY 320

struct path_rule {
	/* Its path, and behind it zeros; and which bits of that count. */
	u64 text[MAX_RULE_PATH / 8];
	u64 mask[MAX_RULE_PATH / 8];
	/* Trace ids below it are sampled. */
	u64 ratio_bound;
	/* Bytes of the path. */
	u8 length;
	/* It fits all paths that begin with its own. */
	u8 is_prefix;
	/* Nothing is recorded, not even where a remote parent is sampled. */
	u8 is_drop;
	u8 _pad[5];
};

/* Two sets: the agent writes the one that is not in use, and then says so in the settings. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * MAX_PATH_RULES);
	__type(key, u32);
	__type(value, struct path_rule);
} path_rules SEC(".maps");

/*
 * Room in a map. What loops find is kept here and not in registers, where each length would be a state of its own for
 * the verifier.
 */
struct path_search {
	/* A target's beginning, then its path's. */
	u8 text[MAX_AUTHORITY];
	/* Where the host begins that the path is behind. */
	volatile u32 host;
	/* Where the path begins in the target; MAX_AUTHORITY: "*", "host:443" and the like have none. */
	volatile u32 from;
	/* Of the path; MAX_RULE_PATH + 1: longer than those of rules. */
	volatile u32 length;
};

/* Where a library has room for the search, while the request of this goroutine begins; 0: it has none. */
static __always_inline struct path_search *path_search(u64 goid);

#define SCHEME_END (':' | '/' << 8 | '/' << 16)

/* In "http://host/path" it begins behind the host: at its end when there is no path. */
static __always_inline void find_path(struct path_search *search, u32 length)
{
	search->from = search->text[0] == '/' ? 0 : MAX_AUTHORITY;
	if (!search->from)
		return;
	search->host = MAX_AUTHORITY;
	/* No way out of the loop: each would be looked at with all that follows. */
	for (u32 i = 0; i < MAX_AUTHORITY && i < length; i++) {
		u32 word = *(const u32 *)(search->text + i);
		u8 c = word;

		if (i >= search->host && (c == '/' || c == '?')) {
			search->host = MAX_AUTHORITY;
			search->from = i;
		}
		if (i + 3 <= length && (word & 0xffffff) == SCHEME_END && search->from == MAX_AUTHORITY) {
			search->host = i + 3;
			search->from = length;
		}
	}
}

/* Reads up to MAX_RULE_PATH + 1 bytes of the path, which begins at `from`. */
static __always_inline void read_path(struct path_search *search, u64 target, u64 length)
{
	u64 from = search->from;
	u64 some = length > from ? length - from : 0;

	search->length = 0;
	if (from >= MAX_AUTHORITY)
		return;
	if (some > MAX_RULE_PATH + 1)
		some = MAX_RULE_PATH + 1;
	/* The compiler knows the bound and would drop the check that the verifier wants to see. */
	barrier_var(some);
	if (some > MAX_RULE_PATH + 1 || (some && from && read_user(search->text, some, target + from)))
		return;
	if (!some || search->text[0] == '?') {
		search->text[0] = '/';
		search->length = 1;
		return;
	}
	for (u32 i = 0; i <= MAX_RULE_PATH && i < some; i++)
		if (search->length == i && search->text[i] != '?')
			search->length = i + 1;
}

static __always_inline void search_path(struct path_search *search, u64 target, u64 length)
{
	u64 some = length > MAX_AUTHORITY ? MAX_AUTHORITY : length;

	search->length = 0;
	barrier_var(some);
	if (!some || some > MAX_AUTHORITY || read_user(search->text, some, target))
		return;
	find_path(search, some);
	read_path(search, target, length);
}

static __always_inline int fits(const struct path_rule *rule, const u64 *path, u32 length)
{
	u64 differs = 0;

	for (u32 i = 0; i < MAX_RULE_PATH / 8; i++)
		differs |= (path[i] ^ rule->text[i]) & rule->mask[i];
	return !differs && (length == rule->length || (rule->is_prefix && length > rule->length));
}

/*
 * 1 more than the place of the first rule that fits the path of a target; 0 when none does. A global function: the
 * verifier looks at it once, and not in each state that callers may be in.
 */
__attribute__((noinline)) u32 find_path_rule(u64 goid, u64 target, u64 length)
{
	const struct settings *s = current_settings();
	struct path_search *search = path_search(goid);
	u32 path;

	if (!s || !search)
		return 0;
	search_path(search, target, length);
	path = search->length;
	for (u32 i = 0; i < MAX_PATH_RULES && i < s->path_rules; i++) {
		u32 key = s->first_path_rule + i;
		const struct path_rule *rule = bpf_map_lookup_elem(&path_rules, &key);

		if (rule && fits(rule, (const u64 *)search->text, path))
			return key + 1;
	}
	return 0;
}

/* Lets the first rule that fits the path of a request decide about its span, which has its trace id. */
static __always_inline void apply_path_rule(struct span_header *span, u64 goid, u64 target, u64 length)
{
	const struct settings *s = current_settings();
	u32 key = find_path_rule(goid, target, length) - 1;
	const struct path_rule *rule = bpf_map_lookup_elem(&path_rules, &key);

	if (!s || !rule)
		return;
	if (rule->is_drop) {
		span->ruling = RULING_left_out;
		span->trace_flags = 0;
	} else if (!is_parents_to_decide(s, span)) {
		span->ruling = RULING_ratio;
		span->trace_flags = is_below(span, rule->ratio_bound) ? FLAG_SAMPLED : 0;
	}
}
