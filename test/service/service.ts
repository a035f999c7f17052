import { join } from "node:path";
import type { ReceivedSpan } from "../e2e/support/otlp-json.ts";
import { type Server, startExecutable } from "../e2e/support/server.ts";
import { buildGo } from "../fixtures/go-binaries.ts";

/** The three processes of test/service/app, each a server of its own. */
export interface Service {
  readonly gateway: Server;
  readonly orders: Server;
  readonly stock: Server;
}

/** Starts all of them; `database` is a data source name of PostgreSQL. */
export async function startService(go: string, database: string): Promise<Service> {
  const source = join(import.meta.dirname, "app");
  const program = await buildGo({ go, source, flags: ["-ldflags=-s -w"] });
  const stock = await startExecutable(program, ["-role", "stock"]);
  const toStock = ["-stock", urlOf(stock)];
  const orders = await startExecutable(program, ["-role", "orders", "-database", database, ...toStock]);
  const gateway = await startExecutable(program, ["-role", "gateway", "-orders", urlOf(orders), ...toStock]);
  return { gateway, orders, stock };
}

export function urlOf({ ports }: Server): string {
  return `http://127.0.0.1:${ports.h1}`;
}

/** Whether a trace tells of more than one request: a request's number is at the end of each of its paths. */
export function isMixed(trace: readonly ReceivedSpan[]): boolean {
  return new Set(trace.flatMap(numberOf)).size !== 1;
}

/** A query has none. */
function numberOf({ attributes }: ReceivedSpan): string[] {
  const path = attributes["url.path"] ?? attributes["url.full"];
  return path === undefined ? [] : [String(path).replace(/.*\//, "")];
}
