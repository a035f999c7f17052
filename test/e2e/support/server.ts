import type { SpawnOptions } from "node:child_process";
import { join } from "node:path";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { repository } from "./agent.ts";
import type { Transport } from "./client.ts";
import { type Running, start } from "./process.ts";

export const serverSource = join(repository, "test", "libraries", "net", "http", "server", "app");

export interface GoProgram {
  /** Version of the toolchain. */
  readonly go: string;
  readonly stripped: boolean;
  /** "std": net/http alone; "x": golang.org/x/net/http2/h2c around the same routes. */
  readonly program: "std" | "x";
}

export interface Server {
  readonly running: Running;
  /** Port of each listener by its name: h1, tls, h2c, h2c-x, h1-ipv6. */
  readonly ports: Readonly<Record<string, number>>;
  stop(): Promise<unknown>;
}

export function buildServer(
  { go, stripped, program }: GoProgram,
  env: Record<string, string> = {},
): Promise<string> {
  const flags = [
    ...(isBefore(go, 22) ? ["-modfile=before_122.mod"] : []),
    ...(stripped ? ["-ldflags=-s -w"] : []),
  ];
  return buildGo({ go, source: serverSource, package: program === "x" ? "./h2c" : ".", flags, env });
}

/** Starts the tests' server with a listener for each transport that its Go version has. */
export async function startServer(program: GoProgram): Promise<Server> {
  const executable = await buildServer(program);
  const listeners = ["h1=127.0.0.1:0", "h1=[::1]:0", "tls=127.0.0.1:0"];
  if (hasH2c(program.go)) listeners.push("h2c=127.0.0.1:0");
  const args = program.program === "x" ? [] : listeners.flatMap((listener) => ["-listen", listener]);
  return await startExecutable(executable, args);
}

export async function startExecutable(
  executable: string,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): Promise<Server> {
  const running = start(executable, args, options);
  await running.waitFor(/^ready$/m);
  const ports: Record<string, number> = {};
  for (const [, host = "", port = "", mode = ""] of running
    .stdout()
    .matchAll(/^listening (.*):(\d+) (\S+)$/gm)) {
    ports[host.startsWith("[") ? `${mode}-ipv6` : mode] = Number(port);
  }
  return { running, ports, stop: () => running.stop() };
}

/** The listener of a transport, or undefined when this program has none. */
export function listenerOf(transport: Transport, { program, go }: GoProgram): string | undefined {
  if (program === "x") return transport === "h2cx" ? "h2c-x" : undefined;
  if (transport === "h2c") return hasH2c(go) ? "h2c" : undefined;
  return { h1: "h1", h1s: "tls", h2: "tls", h2cx: undefined }[transport];
}

function hasH2c(go: string): boolean {
  return !isBefore(go, 24);
}

/** Whether a version of Go, "1.22.12", is of an earlier minor release than this one of Go 1. */
export function isBefore(go: string, minor: number): boolean {
  return Number(go.split(".")[1]) < minor;
}
