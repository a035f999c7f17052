/** What a library needs to leave trace context with the connection that sends it: ebpf/include/outgoing_socket.h. */
import { type FieldSpec, field, type ItabSpec, optional } from "./descriptor.ts";

export const tcpConnFields = {
  tcp_conn_conn: optional(field("net.TCPConn.conn")),
  net_conn_fd: optional(field("net.conn.fd")),
  net_fd_poll_fd: optional(field("net.netFD.pfd")),
  poll_fd_descriptor: optional(field("internal/poll.FD.Sysfd")),
} as const satisfies Record<string, FieldSpec>;

/** The same for net/http's client: ebpf/libraries/net/http/client/propagate.h. */
export const connectionFields = {
  persist_conn_conn: optional(field("net/http.persistConn.conn")),
  ...tcpConnFields,
} as const satisfies Record<string, FieldSpec>;

/** Without all of the fields no connection is taken for one of TCP. */
export const connectionItabs = {
  conn_tcp_itab: {
    interface: "net.Conn",
    concrete: "*net.TCPConn",
    needs: Object.keys(connectionFields),
  },
} as const satisfies Record<string, ItabSpec>;
