/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* A net.Addr: who is at the other end of a connection, and at this one. */
#pragma once

#include "text.h"

volatile const u16 tcp_address_ip = ABSENT;
volatile const u16 tcp_address_port = ABSENT;
volatile const u16 unix_address_name = ABSENT;

/* net.Addr's itabs, with the load bias; 0 where the binary has none. */
volatile const u64 address_tcp = 0;
volatile const u64 address_unix = 0;

enum address_kind {
	/* Not known: another type of net.Addr, or none. */
	ADDRESS_none,
	ADDRESS_ip4,
	/* Or an IPv4 one in it, ::ffff:0:0/96. */
	ADDRESS_ip6,
	/* A path, which may be empty. */
	ADDRESS_unix,
	/* "127.0.0.1:8080" */
	ADDRESS_text,
} __attribute__((packed));

struct address {
	u8 ip[16];
	/* Of a Unix socket, or the text. */
	struct text name;
	u16 port;
	enum address_kind kind;
	u8 _pad;
};

/* sockaddr_un has room for a path of 108. */
#define MAX_ADDRESS 112

/* *net.TCPAddr: a slice of 4 or 16 bytes, and a port. */
static __always_inline void read_tcp_address(struct address *address, u64 at)
{
	/* A slice begins like a string. */
	struct go_string ip = read_string(at + tcp_address_ip);

	address->port = read_word(at + tcp_address_port);
	if (ip.length == 4 && !read_user(address->ip, 4, ip.data))
		address->kind = ADDRESS_ip4;
	else if (ip.length == 16 && !read_user(address->ip, 16, ip.data))
		address->kind = ADDRESS_ip6;
}

/* Reads the net.Addr that is at `at` of the target's memory. */
static __always_inline void keep_address(struct texts *texts, struct address *address, u64 at)
{
	struct go_iface found = {};
	struct go_string name;

	if (read_user(&found, sizeof(found), at) || !found.tab || !found.data)
		return;
	if (found.tab == address_tcp) {
		read_tcp_address(address, found.data);
	} else if (found.tab == address_unix) {
		name = read_string(found.data + unix_address_name);
		keep_text(texts, &address->name, &name, MAX_ADDRESS);
		address->kind = ADDRESS_unix;
	}
}
