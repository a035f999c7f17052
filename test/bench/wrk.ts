import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Loads a server with wrk for some seconds. With 2 headers a request has Host and User-Agent; with more, others as
 * browsers and proxies send them, a traceparent among them.
 */
export async function wrk(url: string, connections: number, headers: number, seconds: number): Promise<Load> {
  const flags = headersOf(headers).flatMap((header) => ["-H", header]);
  const threads = connections === 1 ? "1" : "2";
  const args = ["-t", threads, "-c", String(connections), "-d", `${seconds}s`, "--latency", ...flags, url];
  const { stdout } = await promisify(execFile)("wrk", args);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  const of = (pattern: RegExp) => pattern.exec(stdout)?.[1] ?? "";
  return {
    requests: Number(of(/(\d+) requests in/)),
    perSecond: Number(of(/Requests\/sec:\s+([\d.]+)/)),
    p50: microseconds(of(/50%\s+(\S+)/)),
    p99: microseconds(of(/99%\s+(\S+)/)),
  };
}

const common = [
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
  "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "Accept: text/html,application/json;q=0.9,*/*;q=0.8",
  "Accept-Encoding: gzip, deflate, br",
  "Accept-Language: en-GB,en;q=0.7",
  "Cache-Control: no-cache",
  "Cookie: session=0123456789abcdef",
  "Content-Type: application/json",
  "X-Request-Id: 5f0c1a52-7c4b-4b0e-9b57-0d2a8f6d1e11",
  "X-Real-Ip: 192.0.2.7",
  "Authorization: Bearer 0123456789",
];

function headersOf(count: number): readonly string[] {
  return common.slice(0, count - 1);
}

function microseconds(text: string): number {
  const units: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1_000_000 };
  const [, number = "", unit = ""] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(number) * (units[unit] ?? Number.NaN);
}
