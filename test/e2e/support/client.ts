import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { connect } from "node:net";
import { sleep } from "./process.ts";

/** How a request travels: HTTP/1.1, the same over TLS, HTTP/2 over TLS, cleartext HTTP/2 (net/http's, x/net's). */
export const transports = ["h1", "h1s", "h2", "h2c", "h2cx"] as const;
export type Transport = (typeof transports)[number];

export interface PlannedRequest {
  readonly method?: string;
  readonly path?: string;
  /** Host (HTTP/1) or :authority (HTTP/2); the server's own address when left out. */
  readonly host?: string;
  /** In this order; a name may come more than once. */
  readonly headers?: readonly (readonly [string, string])[];
  /** So many headers in all, filled up with generated ones around those given. */
  readonly headerCount?: number;
  /** A body of so many bytes, announced by Content-Length unless `chunked`. */
  readonly body?: number;
  readonly chunked?: boolean;
  /** Hang up after so many milliseconds, without waiting for the response. */
  readonly abortAfter?: number;
  /** The request's bytes as they are (HTTP/1 without TLS only); the server closes the connection. */
  readonly raw?: string;
}

export interface Done {
  /** Port of the client's end, by which the span is found. */
  readonly port: number;
  readonly before: number;
  readonly after: number;
  /** Status code, or undefined when there was no proper response. */
  readonly status: number | undefined;
  /** Headers of the response to a request over HTTP/1. */
  readonly headers?: http.IncomingHttpHeaders;
}

export const defaultUserAgent = "e2e";
const noResponse = undefined;

export interface Address {
  readonly host: string;
  readonly port: number;
  /** The client's own address. */
  readonly from: string;
}

/** Sends the requests one after another, over one connection as long as the server keeps it. */
export async function sendAll(
  transport: Transport,
  address: Address,
  requests: readonly PlannedRequest[],
): Promise<Done[]> {
  const connection = open(transport, address);
  const done: Done[] = [];
  try {
    for (const request of requests) {
      const before = Date.now();
      const outcome = await (request.raw ? sendRaw(address, request.raw) : connection.send(request));
      done.push({ ...outcome, before, after: Date.now() });
    }
  } finally {
    connection.close();
  }
  return done;
}

type Outcome = Pick<Done, "port" | "status" | "headers">;
interface Connection {
  send(request: PlannedRequest): Promise<Outcome>;
  close(): void;
}

function open(transport: Transport, address: Address): Connection {
  return transport === "h1" || transport === "h1s"
    ? openHttp1(transport, address)
    : openHttp2(transport, address);
}

function openHttp1(transport: Transport, { host, port, from }: Address): Connection {
  const options = { keepAlive: true, maxSockets: 1 };
  const secure = transport === "h1s";
  const agent = secure ? new https.Agent({ ...options, rejectUnauthorized: false }) : new http.Agent(options);
  const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    close: () => agent.destroy(),
    async send(planned) {
      const headers = [["Host", planned.host ?? authority] as const, ...headersOf(planned)];
      const request = (secure ? https : http).request({
        host,
        port,
        localAddress: from,
        agent,
        method: planned.method ?? "GET",
        path: planned.path ?? "/plain",
        headers: headers.flat() as unknown as http.OutgoingHttpHeaders,
      });
      let received: http.IncomingHttpHeaders = {};
      const outcome = finish(request, "response", (response: http.IncomingMessage) => {
        received = response.headers;
        return response.statusCode;
      });
      request.on("upgrade", (_response, socket) => socket.destroy());
      const [socket] = (await once(request, "socket")) as [import("node:net").Socket];
      if (socket.connecting) await once(socket, "connect");
      const localPort = socket.localPort ?? 0;
      request.end(Buffer.alloc(planned.body ?? 0));
      if (planned.abortAfter !== undefined) {
        await sleep(planned.abortAfter);
        request.destroy();
      }
      const status = await outcome;
      return { port: localPort, status, headers: received };
    },
  };
}

function openHttp2(transport: Transport, { host, port, from }: Address): Connection {
  const scheme = transport === "h2" ? "https" : "http";
  const options = { rejectUnauthorized: false, localAddress: from };
  const session = http2.connect(`${scheme}://${host}:${port}`, options);
  session.on("error", () => {});
  return {
    close: () => session.close(),
    async send(planned) {
      if (session.connecting) await once(session, "connect");
      const headers: http2.OutgoingHttpHeaders = {
        ":method": planned.method ?? "GET",
        ":path": planned.path ?? "/plain",
        ":authority": planned.host ?? `${host}:${port}`,
      };
      for (const [name, value] of headersOf(planned)) {
        const before = headers[name.toLowerCase()];
        headers[name.toLowerCase()] = before === undefined ? value : [before, value].flat().map(String);
      }
      // Up to Go 1.17 a server refuses a HEAD whose stream stays open for a body.
      const endStream = planned.method === "HEAD";
      const request = session.request(headers, { endStream });
      const outcome = finish(request, "response", (response: http2.IncomingHttpHeaders) =>
        Number(response[":status"]),
      );
      if (!endStream) request.end(Buffer.alloc(planned.body ?? 0));
      if (planned.abortAfter !== undefined) {
        await sleep(planned.abortAfter);
        request.close(http2.constants.NGHTTP2_CANCEL);
      }
      return { port: session.socket.localPort ?? 0, status: await outcome };
    },
  };
}

/** The status of the response once its body has arrived; undefined when anything on the way breaks off. */
function finish<R>(
  request: http.ClientRequest | http2.ClientHttp2Stream,
  event: "response",
  statusOf: (response: R) => number | undefined,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    request.once("error", () => resolve(noResponse));
    request.once("close", () => resolve(noResponse));
    request.once(event, (response: R) => {
      const body = response instanceof http.IncomingMessage ? response : (request as http2.ClientHttp2Stream);
      body.once("error", () => resolve(noResponse));
      body.once("aborted", () => resolve(noResponse));
      body.once("end", () => resolve(statusOf(response)));
      body.resume();
    });
  });
}

function headersOf(planned: PlannedRequest): (readonly [string, string])[] {
  const given = [...(planned.headers ?? [])];
  if (!given.some(([name]) => name.toLowerCase() === "user-agent"))
    given.unshift(["User-Agent", defaultUserAgent]);
  if (planned.body !== undefined && !planned.chunked) given.push(["Content-Length", String(planned.body)]);
  const missing = Math.max(0, (planned.headerCount ?? 0) - given.length);
  const generated = Array.from({ length: missing }, (_, i) => [`X-Generated-${i}`, `value ${i}`] as const);
  const half = missing >> 1;
  return [...generated.slice(0, half), ...given, ...generated.slice(half)];
}

async function sendRaw({ host, port, from }: Address, text: string): Promise<Outcome> {
  const socket = connect({ host, port, localAddress: from });
  await once(socket, "connect");
  const localPort = socket.localPort ?? 0;
  let reply = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    reply += chunk;
  });
  socket.on("error", () => {});
  socket.write(text.replaceAll("\n", "\r\n"));
  await once(socket, "close");
  const status = reply.match(/^HTTP\/1\.\d (\d{3})/)?.[1];
  return { port: localPort, status: status === undefined ? noResponse : Number(status) };
}
