/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the start of a request tells: the *net/http.Request, its URL, and the headers that it has already. */
#pragma once

#include "client.h"
#include "headers.h"

volatile const u16 request_method = ABSENT;
volatile const u16 request_url = ABSENT;
volatile const u16 request_header = ABSENT;
volatile const u16 request_content_length = ABSENT;
volatile const u16 request_response = ABSENT;
volatile const u16 request_context = ABSENT;

/* A user's name and password, URL.User, is never read. */
volatile const u16 url_scheme = ABSENT;
volatile const u16 url_opaque = ABSENT;
volatile const u16 url_host = ABSENT;
volatile const u16 url_path = ABSENT;
volatile const u16 url_raw_path = ABSENT;
volatile const u16 url_raw_query = ABSENT;

volatile const u16 response_request = ABSENT;

/* Enough of a URL for all fields that are read. */
#define URL_BYTES 128

/* net/http's client follows ten redirects unless it is told otherwise. */
#define MAX_RESENDS 16

/* The finds take the texts' room before there are texts, and so does the URL, behind them. */
static __always_inline struct found_headers *found_headers(u64 goid)
{
	struct http_client_operation *operation = open_request(goid);

	return operation ? (struct found_headers *)operation->request.texts.bytes : 0;
}

/* Which headers of propagation the request has: a bit for each enum header. */
static __always_inline u64 own_headers(struct http_client_operation *operation, u64 goid)
{
	struct found_headers *found = (struct found_headers *)operation->request.texts.bytes;
	u64 own = 0;

	find_headers(operation->header, goid, PURPOSE_own_headers);
	for (u32 i = 0; i < HEADERS; i++) {
		if (found->first_values[i])
			own |= 1ULL << i;
	}
	return own;
}

/* A request that follows a redirect knows the response that sent it there, and that the request before it. */
static __always_inline u32 earlier_requests(u64 request)
{
	u32 resends;

	for (resends = 0; resends < MAX_RESENDS; resends++) {
		u64 response = read_word(request + request_response);

		request = response ? read_word(response + response_request) : 0;
		if (!request)
			break;
	}
	return resends;
}

struct url {
	struct go_string scheme;
	struct go_string host;
	struct go_string path;
	struct go_string query;
};

#define STRING_OF(bytes, offset) (*(struct go_string *)((bytes) + (offset)))

static __always_inline int reads_at_once(void)
{
	const u32 last = URL_BYTES - sizeof(struct go_string);

	return url_scheme <= last && url_opaque <= last && url_host <= last && url_path <= last &&
	       url_raw_path <= last && url_raw_query <= last;
}

/* In one read where the URL does not cross into a page that Go has not touched yet. */
static __always_inline void read_url(struct http_client_request *r, struct url *url, u64 at)
{
	u8 *bytes = r->texts.bytes + sizeof(struct found_headers);
	struct go_string opaque, raw_path;

	if (reads_at_once() && !bpf_probe_read_user(bytes, URL_BYTES, (const void *)at)) {
		url->scheme = STRING_OF(bytes, url_scheme);
		url->host = STRING_OF(bytes, url_host);
		url->path = STRING_OF(bytes, url_path);
		url->query = STRING_OF(bytes, url_raw_query);
		opaque = STRING_OF(bytes, url_opaque);
		raw_path = STRING_OF(bytes, url_raw_path);
	} else {
		url->scheme = read_string(at + url_scheme);
		url->host = read_string(at + url_host);
		url->path = read_string(at + url_path);
		url->query = read_string(at + url_raw_query);
		opaque = read_string(at + url_opaque);
		raw_path = read_string(at + url_raw_path);
	}
	if (opaque.length) {
		url->path = opaque;
		r->path_kind = PATH_opaque;
	} else if (raw_path.length) {
		url->path = raw_path;
		r->path_kind = PATH_raw;
	}
}

static __always_inline void read_request(struct http_client_request *r, u64 request, u64 at)
{
	struct go_string method = read_string(request + request_method);
	struct url url = {};

	r->request_body_size = read_word(request + request_content_length);
	r->resend_count = earlier_requests(request);
	if (at)
		read_url(r, &url, at);
	keep_text(&r->texts, &r->method, &method, MAX_METHOD);
	keep_text(&r->texts, &r->scheme, &url.scheme, MAX_SCHEME);
	keep_text(&r->texts, &r->host, &url.host, MAX_HOST);
	keep_text(&r->texts, &r->path, &url.path, MAX_PATH);
	keep_text(&r->texts, &r->query, &url.query, MAX_QUERY);
}
