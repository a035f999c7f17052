/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Up to 0.20 all spans are one object without any field. What tells them apart is where on its goroutine's stack the
 * function stands that has begun one: there it is ended, by the function itself or by one that it has deferred. What
 * shows that a place in the code is used otherwise leaves all that begins there out from then on.
 */
#pragma once

#include "../../../../api_span.h"

/* Functions of one goroutine with spans; a power of 2. */
#define MAX_FRAMES 16

/* What is known of a place in the code where spans begin. */
struct start_site {
	/* One that began here has ended in its function. */
	u8 is_known;
	/* It was not sure which one had ended. */
	u8 is_unsure;
};

/* By the address behind the call. What there is no room for is left out. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct start_site);
} start_sites SEC(".maps");

/* Addresses behind two calls of a function: there a span has begun, and there it has ended. */
struct span_sites {
	u64 start;
	u64 end;
};

/* Those that were seen together. Another end that was not the span's own shows itself by its own, which comes later. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct span_sites);
	__type(value, u8);
} known_ends SEC(".maps");

/* A function that has begun spans. */
struct span_frame {
	/* From the stack's upper end to its frame: larger the deeper. */
	u64 place;
	/* Where it returns to: its place alone may be another's later. */
	u64 caller;
	/* The newest one began here. */
	u64 site;
	/* Of the only one that it has open; 0: that is left out. */
	u64 id;
	/* Ends to come. */
	u32 open;
	u8 sampled;
	enum ruling ruling;
	u8 _pad[2];
};

struct span_frames {
	u64 length;
	struct span_frame frames[MAX_FRAMES];
};

/* By goroutine. Nothing tells when one has ended: the oldest go. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct span_frames);
} span_frames SEC(".maps");

static const struct span_frames no_span_frames;
static const struct start_site new_start_site;

/* At a function's frame pointer. */
struct go_frame {
	u64 next;
	u64 returns_to;
};

static __always_inline u64 upper_end(struct pt_regs *ctx)
{
	return read_word(GO_G(ctx) + g_stack + GO_STACK_HI);
}

static __always_inline struct go_frame read_frame(u64 frame)
{
	struct go_frame found = {};

	bpf_probe_read_user(&found, sizeof(found), (const void *)frame);
	return found;
}

static __always_inline struct span_frames *frames_of(u64 goid, int or_new)
{
	struct span_frames *all = bpf_map_lookup_elem(&span_frames, &goid);

	if (all || !or_new || bpf_map_update_elem(&span_frames, &goid, &no_span_frames, BPF_ANY))
		return all;
	return bpf_map_lookup_elem(&span_frames, &goid);
}

/* Whether spans that begin here are sure to end in their function. */
static __always_inline int is_sure_site(u64 site)
{
	const struct start_site *known = bpf_map_lookup_elem(&start_sites, &site);

	if (!known)
		bpf_map_update_elem(&start_sites, &site, &new_start_site, BPF_NOEXIST);
	return known && known->is_known && !known->is_unsure;
}

static __always_inline void mark_unsure(u64 site)
{
	struct start_site *known = bpf_map_lookup_elem(&start_sites, &site);

	if (known)
		known->is_unsure = 1;
}

static __always_inline void mark_known(u64 site, u8 is_known)
{
	struct start_site *known = bpf_map_lookup_elem(&start_sites, &site);

	if (known)
		known->is_known = is_known;
}

/* Whether it has ended there before; it has now. */
static __always_inline int is_known_end(u64 start, u64 end)
{
	struct span_sites sites = {.start = start, .end = end};
	u8 seen = 1;

	if (bpf_map_lookup_elem(&known_ends, &sites))
		return 1;
	bpf_map_update_elem(&known_ends, &sites, &seen, BPF_ANY);
	return 0;
}

/* The open span of this function won't be told. */
static __always_inline void leave_out(struct span_frame *frame)
{
	u64 id = frame->id;

	if (!id)
		return;
	count(COUNTER_superseded);
	bpf_map_delete_elem(&api_spans, &id);
	frame->id = 0;
}

/* The innermost function, if there is one. */
static __always_inline struct span_frame *innermost_of(struct span_frames *all)
{
	u64 place = all->length - 1;

	if (place >= MAX_FRAMES)
		return 0;
	/* The compiler knows the bound and would drop what the verifier wants to see. */
	barrier_var(place);
	place &= MAX_FRAMES - 1;
	barrier_var(place);
	place &= MAX_FRAMES - 1;
	return &all->frames[place];
}

/* Functions that stood deeper than what runs now, or in its place, have returned. */
static __always_inline void forget_returned(struct span_frames *all, u64 place, u64 caller)
{
	for (u32 i = 0; i < MAX_FRAMES; i++) {
		struct span_frame *innermost = innermost_of(all);

		if (!innermost || innermost->place < place ||
		    (innermost->place == place && innermost->caller == caller))
			break;
		if (innermost->open)
			mark_known(innermost->site, 0);
		leave_out(innermost);
		all->length--;
	}
}

/* The function that stands there, if it has begun spans. */
static __always_inline struct span_frame *frame_at(struct span_frames *all, u64 place, u64 caller)
{
	struct span_frame *innermost;

	forget_returned(all, place, caller);
	innermost = innermost_of(all);
	return innermost && innermost->place == place ? innermost : 0;
}

/* The same, and a new entry where it has begun none; 0: there is no room. */
static __always_inline struct span_frame *frame_or_new(struct span_frames *all, u64 place, u64 caller)
{
	struct span_frame *found = frame_at(all, place, caller);

	if (found || all->length >= MAX_FRAMES)
		return found;
	all->length++;
	found = innermost_of(all);
	if (!found)
		return 0;
	__builtin_memset(found, 0, sizeof(*found));
	found->place = place;
	found->caller = caller;
	return found;
}
