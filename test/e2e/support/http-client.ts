import { join } from "node:path";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { repository } from "./agent.ts";
import type { Facts } from "./cases.ts";
import { isBefore, startExecutable } from "./server.ts";
import type { TracedProgram } from "./tree-run.ts";

export const clientFolder = join(repository, "test", "libraries", "net", "http", "client");

export async function buildClient(go: string, stripped: boolean): Promise<string> {
  const flags = [
    ...(isBefore(go, 22) ? ["-modfile=before_122.mod"] : []),
    ...(stripped ? ["-ldflags=-s -w"] : []),
  ];
  return await buildGo({ go, source: join(clientFolder, "app"), flags });
}

/** Two processes of one program: what is called, and the traced one that calls it, which gets the environment. */
export async function startClient(
  go: string,
  stripped: boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<TracedProgram> {
  const executable = await buildClient(go, stripped);
  const back = await startExecutable(executable, ["-back"]);
  const { h1 = 0, tls = 0, refusing = 0 } = back.ports;
  const facts: Facts = {
    h1: `http://127.0.0.1:${h1}`,
    tls: `https://127.0.0.1:${tls}`,
    refusing: `https://127.0.0.1:${refusing}`,
    refusingPort: refusing,
    http2StreamError: isBefore(go, 27) ? "net/http.http2StreamError" : "net/http/internal/http2.StreamError",
    h1Port: h1,
    tlsPort: tls,
  };
  const server = await startExecutable(
    executable,
    ["h1", "tls", "refusing"].flatMap((name) => [`-${name}`, String(facts[name])]),
    { env: { ...process.env, ...env } },
  );
  return { server, facts, stop: () => Promise.all([server.stop(), back.stop()]) };
}
