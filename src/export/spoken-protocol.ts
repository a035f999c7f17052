/**
 * Which protocol does a port speak, whatever is meant for it? By the first bytes of its answer to a TLS handshake, and
 * to HTTP/2's preface: https://www.rfc-editor.org/rfc/rfc9113.html#section-3.4
 */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface Spoken {
  readonly tls: boolean;
  /** Undefined: neither HTTP/1 nor HTTP/2. */
  readonly http: 1 | 2 | undefined;
}

/** Milliseconds for each of the two questions. */
const timeout = 2000;

/** The preface and an empty SETTINGS frame, which a server answers with one of its own. */
const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const settingsFrame = 4;

/** Undefined when it answers neither question. Nothing but these openings is sent. */
export async function spokenAt(host: string, port: number): Promise<Spoken | undefined> {
  return (await behindTls(host, port)) ?? (await inPlain(host, port));
}

function behindTls(host: string, port: number): Promise<Spoken | undefined> {
  return new Promise((resolve) => {
    const socket = connectTls({
      host,
      port,
      ...(isIP(host) ? {} : { servername: host }),
      ALPNProtocols: ["h2", "http/1.1"],
      // Only the fact that TLS is spoken is asked for: nothing is sent through this connection.
      rejectUnauthorized: false,
      timeout,
    });
    settle(socket, resolve);
    socket.once("secureConnect", () => {
      resolve({ tls: true, http: socket.alpnProtocol === "h2" ? 2 : 1 });
      socket.destroy();
    });
  });
}

function inPlain(host: string, port: number): Promise<Spoken | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout });
    settle(socket, resolve);
    socket.once("connect", () => socket.write(preface));
    socket.once("data", (bytes) => {
      const text = bytes.subarray(0, 5).toString("latin1");
      const http = text === "HTTP/" ? 1 : bytes[3] === settingsFrame ? 2 : undefined;
      resolve(http && { tls: false, http });
      socket.destroy();
    });
  });
}

/** No answer, by whatever end. */
function settle(socket: Socket, resolve: (nothing: undefined) => void): void {
  const end = () => {
    resolve(undefined);
    socket.destroy();
  };
  socket.once("error", end).once("timeout", end).once("close", end);
}
