/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Where the parts of a kafka.Message are. */
#pragma once

#include "go.h"

volatile const u16 message_topic = ABSENT;
volatile const u16 message_key = ABSENT;
volatile const u16 message_value = ABSENT;
volatile const u16 message_headers = ABSENT;
/* The last field in all versions, a time.Time: a word of flags and time, a word of time, a pointer. */
volatile const u16 message_time = ABSENT;

/* From one message of a slice to the next. */
#define MESSAGE_SIZE (message_time + 24)
