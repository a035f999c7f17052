// Runs test/libraries/net/http/client/cases.yaml: a Go program that calls others, traced, and its spans as whole trees.
import { join } from "node:path";
import { buildGo } from "../fixtures/go-binaries.ts";
import { repository } from "./support/agent.ts";
import type { Facts } from "./support/cases.ts";
import { programs } from "./support/matrix.ts";
import { isBefore, startExecutable } from "./support/server.ts";
import { describeTrees, type TracedProgram } from "./support/tree-run.ts";

const folder = join(repository, "test", "libraries", "net", "http", "client");
const versions = new Map(programs.map(({ go, stripped }) => [`${go} ${stripped}`, { go, stripped }]));

for (const { go, stripped } of versions.values())
  describeTrees({
    title: `net/http client, Go ${go}${stripped ? ", stripped" : ""}`,
    cases: join(folder, "cases.yaml"),
    go,
    withoutRoutes: isBefore(go, 22),
    start: () => startClient(go, stripped),
  });

/** Two processes of one program: what is called, and the traced one that calls it. */
async function startClient(go: string, stripped: boolean): Promise<TracedProgram> {
  const flags = [
    ...(isBefore(go, 22) ? ["-modfile=before_122.mod"] : []),
    ...(stripped ? ["-ldflags=-s -w"] : []),
  ];
  const executable = await buildGo({ go, source: join(folder, "app"), flags });
  const back = await startExecutable(executable, ["-back"]);
  const { h1 = 0, tls = 0 } = back.ports;
  const facts: Facts = {
    h1: `http://127.0.0.1:${h1}`,
    tls: `https://127.0.0.1:${tls}`,
    h1Port: h1,
    tlsPort: tls,
  };
  const server = await startExecutable(executable, ["-h1", String(facts.h1), "-tls", String(facts.tls)]);
  return { server, facts, stop: () => Promise.all([server.stop(), back.stop()]) };
}
