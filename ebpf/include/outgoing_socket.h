/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* From the target's *net.TCPConn to the kernel's socket, and its key in the socket tier's maps. */
#pragma once

#include "go.h"
#include "kernel_memory.h"
#include "outgoing.h"

/* net.TCPConn embeds net.conn, whose only field is the *net.netFD. */
volatile const u16 tcp_conn_conn = ABSENT;
volatile const u16 net_conn_fd = ABSENT;
volatile const u16 net_fd_poll_fd = ABSENT;
volatile const u16 poll_fd_descriptor = ABSENT;

/* The struct sock behind a descriptor of the current process; 0: not a socket, or not readable. */
static __always_inline u64 sock_of(const struct outgoing_settings *settings, u32 descriptor)
{
	u64 files = kernel_word(bpf_get_current_task() + settings->task_files);
	u64 table = files ? kernel_word(files + settings->files_table) : 0;
	u64 open = table ? kernel_word(table + settings->table_files) : 0;
	u64 file = open ? kernel_word(open + 8ULL * descriptor) : 0;
	u64 socket = file ? kernel_word(file + settings->file_socket) : 0;

	return socket ? kernel_word(socket + settings->socket_sock) : 0;
}

/* The struct sock of a *net.TCPConn; 0, and counted, when it can't be read or is closed. */
static __always_inline u64 sock_of_conn(const struct outgoing_settings *settings, u64 tcp_conn)
{
	u64 fd = 0, descriptor = 0, sock;

	if (bpf_probe_read_user(&fd, sizeof(fd), (const void *)(tcp_conn + tcp_conn_conn + net_conn_fd)) ||
	    bpf_probe_read_user(&descriptor, sizeof(descriptor),
				(const void *)(fd + net_fd_poll_fd + poll_fd_descriptor))) {
		count_outgoing(OUTGOING_unreadable);
		return 0;
	}
	/* A closed one is -1. */
	sock = descriptor < 1 << 30 ? sock_of(settings, descriptor) : 0;
	if (!sock)
		count_outgoing(OUTGOING_not_watched);
	return sock;
}

/* The key; 0, and counted: nobody has given this socket a cookie, so nobody watches it. */
static __always_inline u64 cookie_of_sock(const struct outgoing_settings *settings, u64 sock)
{
	u64 cookie = kernel_word(sock + settings->sock_cookie);

	if (!cookie)
		count_outgoing(OUTGOING_not_watched);
	return cookie;
}
