/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What failed: the code of a kafka.Error, which the protocol has names for, or the error's type. Most errors of
 * kafka-go's are one in an error of fmt.Errorf, which says where it came by.
 */
#pragma once

#include "go.h"

/* kafka.Error, an int. */
volatile const u64 kafka_error_itab = 0;
volatile const u64 wrap_error_itab = 0;
volatile const u16 wrap_error_cause = ABSENT;

/* Errors that wrap each other, as far as they are followed. */
#define MAX_CAUSES 4

struct kafka_failure {
	/* Type descriptor of the innermost error; 0: nothing failed. */
	u64 type;
	/* Of the protocol, where has_code is 1. */
	s32 code;
	u8 has_code;
	u8 _pad[3];
};

static __always_inline void read_failure(struct kafka_failure *failure, u64 itab, u64 data)
{
	for (u32 i = 0; itab && i < MAX_CAUSES; i++) {
		struct go_iface cause = {};

		failure->type = read_word(itab + GO_ITAB_TYPE);
		if (itab == kafka_error_itab) {
			failure->code = read_word(data);
			failure->has_code = 1;
		}
		if (itab != wrap_error_itab || wrap_error_cause == ABSENT ||
		    read_user(&cause, sizeof(cause), data + wrap_error_cause))
			return;
		itab = cause.tab;
		data = cause.data;
	}
}
