import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface Received {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  /** Already decompressed. */
  readonly body: Buffer;
}

export type Answer = (response: http.ServerResponse, received: Received) => void;

/** A real HTTP server as an endpoint; what it answers can be changed at any time. */
export interface Endpoint {
  readonly port: number;
  readonly url: string;
  readonly received: Received[];
  answer: Answer;
  close(): Promise<void>;
}

export const accept: Answer = (response) => response.writeHead(200).end();

export function status(code: number, headers: http.OutgoingHttpHeaders = {}): Answer {
  return (response) => response.writeHead(code, headers).end("said the endpoint");
}

export async function startEndpoint(
  options: { port?: number; tls?: https.ServerOptions; answer?: Answer } = {},
): Promise<Endpoint> {
  const server = options.tls ? https.createServer(options.tls) : http.createServer();
  const received: Received[] = [];
  const listening = new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  await listening;
  const { port } = server.address() as AddressInfo;
  const endpoint: Endpoint = {
    port,
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}/v1/traces`,
    received,
    answer: options.answer ?? accept,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on("request", async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // the client went away
    }
    const raw = Buffer.concat(chunks);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    const one = { path: request.url ?? "", headers: request.headers, body };
    received.push(one);
    endpoint.answer(response, one);
  });
  return endpoint;
}

/** A port of the loopback interface where nothing listens. */
export async function freePort(): Promise<number> {
  const endpoint = await startEndpoint();
  await endpoint.close();
  return endpoint.port;
}
