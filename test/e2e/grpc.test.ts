// Runs the cases.yaml of gRPC's client and server: a Go program with both ends, one of them traced, in several versions
// of grpc-go, and compares whole trees.
import { join } from "node:path";
import { after } from "node:test";
import lt from "semver/functions/lt.js";
import type { Facts } from "./support/cases.ts";
import type { Done } from "./support/client.ts";
import { type GrpcBuild, grpcBuilds, grpcFolder, grpcWays, startGrpc } from "./support/grpc.ts";
import { stopAll } from "./support/process.ts";
import { isBefore } from "./support/server.ts";
import { describeTrees, type TracedProgram, type TreeRun } from "./support/tree-run.ts";

/** All ways of building with OTEL_GO_AUTO_MATRIX=1. */
const ways = process.env.OTEL_GO_AUTO_MATRIX === "1" ? grpcWays : [];

after(() => stopAll());

for (const build of [...grpcBuilds, ...ways]) {
  describeTrees({ ...runOf("client", build), start: () => startTraced("front", build) });
  // Each copy calls over a connection of its own, from an address of its own, by which its spans are found.
  describeTrees({
    ...runOf("server", build),
    start: () => startTraced("back", build),
    query: ({ from }) => `from=${from}`,
  });
}

function runOf(end: "client" | "server", build: GrpcBuild): Omit<TreeRun, "start"> {
  return {
    title: `gRPC ${end}, ${build.grpc}, Go ${build.go}${build.way ? `, ${build.way.name}` : ""}`,
    cases: join(grpcFolder, end, "cases.yaml"),
    go: build.go,
    // Their go.mod names a Go version whose requests don't know their pattern.
    withoutRoutes: isBefore(build.go, 22),
    omit: ({ library }) => lt(build.grpc, library),
    answered,
  };
}

/** The traced end; the requests go to the front in any case. */
async function startTraced(end: "front" | "back", build: GrpcBuild): Promise<TracedProgram> {
  const { front, back, facts, stop } = await startGrpc(build);
  const traced = end === "front" ? front : back;
  return { server: front, pids: [traced.running.pid], facts, stop };
}

/** What the program knows of its last call: the error's message, and its own end of the connection. */
function answered({ headers = {} }: Done): Facts {
  return {
    said: decodeURIComponent(String(headers.said ?? "")),
    localPort: Number(headers["local-port"] ?? 0),
  };
}
