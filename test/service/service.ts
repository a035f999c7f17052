import { join } from "node:path";
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
