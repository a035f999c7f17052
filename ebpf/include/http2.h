/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What frames of HTTP/2 look like: RFC 9113, 4.1 and 6. */
#pragma once

#define FRAME_HEAD 9
#define FRAME_TYPE 3
#define FRAME_FLAGS 4
#define TYPE_HEADERS 1
#define TYPE_CONTINUATION 9
#define FLAG_END_HEADERS 4
#define FLAG_PADDED 8
/* Bytes before the block that a frame may have. */
#define PRIORITY 5

/* Every peer takes frames of this payload. */
#define MAX_PAYLOAD 16384
