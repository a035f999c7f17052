import { createHash } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** A request as it arrived. */
export interface Arrived {
  /** The first 16 characters of its path. */
  readonly id: string;
  readonly method: string;
  readonly url: string;
  /** Names and values in turn, as they were written. */
  readonly rawHeaders: readonly string[];
  readonly bodyBytes: number;
  /** SHA-256 of the body, hex. */
  readonly bodyHash: string;
}

/** A server that writes down what arrives, on 127.0.0.1 or [::1], with TLS or without. */
export class Recorder {
  readonly arrived: Arrived[] = [];
  readonly #server: Server;

  static async listen(
    options: { readonly host?: string; readonly tls?: { key: string; cert: string } } = {},
  ) {
    const recorder = new Recorder(options.tls);
    await new Promise<void>((resolve) => recorder.#server.listen(0, options.host ?? "127.0.0.1", resolve));
    return recorder;
  }

  private constructor(tls: { key: string; cert: string } | undefined) {
    const options = { maxHeaderSize: 1 << 20, keepAliveTimeout: 600_000 };
    const listener: RequestListener = (request, response) => {
      const hash = createHash("sha256");
      let bytes = 0;
      request.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        hash.update(chunk);
      });
      request.on("end", () => {
        this.arrived.push({
          id: request.url?.slice(1, 17) ?? "",
          method: request.method ?? "",
          url: request.url ?? "",
          rawHeaders: request.rawHeaders,
          bodyBytes: bytes,
          bodyHash: hash.digest("hex"),
        });
        const download = Number(request.headers["x-download"] ?? 0);
        response.end(Buffer.alloc(download, "0123456789abcdef"));
      });
    };
    this.#server = tls ? createTlsServer({ ...options, ...tls }, listener) : createServer(options, listener);
  }

  get url(): string {
    const { port, address, family } = this.#server.address() as AddressInfo;
    const host = family === "IPv6" ? `[${address}]` : address;
    return `${this.#server instanceof createTlsServer().constructor ? "https" : "http"}://${host}:${port}`;
  }

  /** What arrived since the last time. */
  take(): Arrived[] {
    return this.arrived.splice(0);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Values of all headers of that name, in any case. */
export function headers(arrived: Arrived, name: string): string[] {
  return arrived.rawHeaders.filter(
    (_, i) => i % 2 === 1 && arrived.rawHeaders[i - 1]?.toLowerCase() === name.toLowerCase(),
  );
}

/** SHA-256 of as many bytes as the client program sends. */
export function bodyHash(bytes: number): string {
  return createHash("sha256").update(Buffer.alloc(bytes, "0123456789abcdef")).digest("hex");
}

/** The traceparent that the test's probe makes of a request with this id. */
export function expectedTraceparent(id: string, sampled = true): string {
  const hex = (text: string) => Buffer.from(text).toString("hex");
  return `00-${hex(id)}-${hex(id.slice(8))}-0${Number(sampled)}`;
}
