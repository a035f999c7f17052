/**
 * Answers whoever asks how the agent is: /healthz, /readyz and /metrics. Anybody who reaches the port may ask, so
 * everything about a connection is bounded, and a page is made at most once a second.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ListenAddress } from "../config/listen.ts";
import { log } from "../report/log.ts";
import { statusAddressUnusable, statusMessages } from "../report/status.ts";
import { contentTypes, type TextFormat } from "./prometheus.ts";
import { acceptedFormat } from "./prometheus-accept.ts";

export interface StatusPages {
  /** Why it is not ready, in words for its user; undefined when it is. */
  readonly notReady: () => string | undefined;
  readonly metrics: (format: TextFormat) => string;
}

export interface StatusServer {
  /** "http://127.0.0.1:9464" */
  readonly url: string;
  close(): void;
}

/** Connections at once; a probe and a scraper or two need one each. For one more the oldest has to go. */
const maxConnections = 32;

/** Milliseconds. Whoever sends nothing, or takes nothing, has to go; a look every 5 s leaves an idle agent idle. */
const timeouts = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
} as const;
const idleTimeout = 10_000;

/** Bytes of a request's line and headers. */
const maxHeaderSize = 8_192;

/** Milliseconds for which a page is kept: 2,000 histograms take 0.1 s to write, and anybody may ask. */
const keptFor = 1_000;

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Listens, or throws a UserError that says why it can't. */
export async function startStatusServer(address: ListenAddress, pages: StatusPages): Promise<StatusServer> {
  const pageOf = routes(pages);
  const server = createServer({ ...timeouts, maxHeaderSize }, (request, response) =>
    answer(request, response, pageOf),
  );
  boundConnections(server);
  server.setTimeout(idleTimeout);
  await listen(server, address);
  server.on("error", (error) => log.debug(`status server: ${error.message}`));
  // The agent ends when its work is over.
  server.unref();
  return {
    url: urlOf(server),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Who holds many connections open must not keep a probe out. */
function boundConnections(server: Server): void {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    const [oldest] = open;
    if (open.size > maxConnections) oldest?.destroy();
  });
}

function listen(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(statusAddressUnusable(address, error)));
    server.listen(address.port, address.host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

type PageOf = (path: string, accept: string | undefined) => Page;

function routes({ notReady, metrics }: StatusPages): PageOf {
  const kept = new Map<TextFormat, string>();
  const metricsPage = (format: TextFormat): Page => {
    const text = kept.get(format) ?? metrics(format);
    if (!kept.has(format)) {
      kept.set(format, text);
      setTimeout(() => kept.delete(format), keptFor).unref();
    }
    return { status: 200, type: contentTypes[format], text };
  };
  return (path, accept) => {
    switch (path) {
      case "/healthz":
        return plain(200, statusMessages.healthy);
      case "/readyz": {
        const reason = notReady();
        return reason === undefined
          ? plain(200, statusMessages.ready)
          : plain(503, statusMessages.notReady(reason));
      }
      case "/metrics":
        return metricsPage(acceptedFormat(accept));
      default:
        return plain(404, statusMessages.paths);
    }
  };
}

function plain(status: number, text: string): Page {
  return { status, type: "text/plain; charset=utf-8", text: `${text}\n` };
}

function answer(request: IncomingMessage, response: ServerResponse, pageOf: PageOf): void {
  const { method, url = "", headers } = request;
  // A body is not read: the connection ends with the answer.
  if ("content-length" in headers || "transfer-encoding" in headers) response.shouldKeepAlive = false;
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    send(response, plain(405, statusMessages.methods));
    return;
  }
  send(
    response,
    safely(() => pageOf(url.replace(/\?.*$/s, ""), headers.accept)),
  );
}

function safely(page: () => Page): Page {
  try {
    return page();
  } catch (error) {
    log.debug(`status server: ${error}`);
    return plain(500, statusMessages.failed);
  }
}

function send(response: ServerResponse, { status, type, text }: Page): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, {
    "content-type": type,
    "content-length": bytes.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(bytes);
}
