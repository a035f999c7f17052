/** Routers' own cases: test/libraries/<path>/routes.yaml, beside the program that they are sent to, in app/. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { libraries } from "../../../src/generated/registry.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { repository } from "./agent.ts";
import type { ExpectedSpan } from "./cases.ts";
import type { PlannedRequest } from "./client.ts";

export interface RouteCase {
  readonly name: string;
  /** Name of the program's listener. */
  readonly to: string;
  readonly request: PlannedRequest;
  /** "" for none. */
  readonly route: string;
  /** 0 for none. */
  readonly status: number;
  /** Of the response's body, as the handler wrote it. */
  readonly bytes: number;
  /** Of a handler that panics. */
  readonly panic?: string;
}

export interface RouterProgram {
  /** "oldest": of the versions in app/oldest.mod; "newest": of those in app/go.mod. */
  readonly version: "oldest" | "newest";
  readonly go: string;
}

export interface Router {
  readonly path: string;
  /** What the agent calls its library. */
  readonly name: string;
  readonly programs: readonly RouterProgram[];
  /** Of a router that is asked only when a request has no route: such a request. */
  readonly first?: PlannedRequest;
  readonly cases: readonly RouteCase[];
  /** How often its program runs for all cases. */
  readonly hits: number;
}

const root = join(repository, "test", "libraries");

/** The first Go and the last one of each list; all of them with OTEL_GO_AUTO_MATRIX=1. */
export function readRouters(): readonly Router[] {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith("/routes.yaml")).map((file) => readRouter(dirname(file)));
}

function readRouter(path: string): Router {
  const file = readFileSync(join(root, path, "routes.yaml"), "utf8");
  const { oldest, newest, first, hits, cases } = parse(file) as {
    oldest?: string[];
    newest: string[];
    first?: PlannedRequest;
    hits: number;
    cases: (Pick<RouteCase, "name"> & Partial<RouteCase>)[];
  };
  const name = libraries.find((library) => library.path === path)?.name ?? path;
  return {
    path,
    name,
    hits,
    programs: [
      ...chosen(oldest ?? []).map((go) => ({ go, version: "oldest" as const })),
      ...chosen(newest).map((go) => ({ go, version: "newest" as const })),
    ],
    ...(first ? { first } : {}),
    cases: cases.map((item) => ({
      ...{ to: "h1", request: {}, route: "", status: 200, bytes: 2 },
      ...item,
    })),
  };
}

function chosen(versions: readonly string[]): readonly string[] {
  return process.env.OTEL_GO_AUTO_MATRIX === "1" ? versions : versions.slice(0, 1);
}

/** Stripped, so that all offsets have to come from what the runtime keeps. */
export function buildRouter({ path }: Pick<Router, "path">, { version, go }: RouterProgram): Promise<string> {
  const flags = ["-p=1", "-ldflags=-s -w", ...(version === "oldest" ? ["-modfile=oldest.mod"] : [])];
  return buildGo({ go, source: join(root, path, "app"), flags });
}

export interface Facts {
  readonly serverPort: number;
  readonly clientPort: number;
}

/** The whole span that a case's request makes. */
export function expectedSpan(item: RouteCase, { serverPort, clientPort }: Facts): ExpectedSpan {
  const { method = "GET", path = "/" } = item.request;
  const [bare, query] = path.split("?");
  const failed = item.panic !== undefined ? { "error.type": item.panic } : {};
  return {
    name: item.route ? `${method} ${item.route}` : method,
    kind: "server",
    status: item.panic !== undefined || item.status >= 500 ? "error" : "unset",
    message: item.panic === undefined ? "" : "panic: on purpose",
    parent: "none",
    traceState: "",
    attributes: {
      "http.request.method": method,
      "url.scheme": "http",
      "url.path": bare ?? "",
      ...(query === undefined ? {} : { "url.query": query }),
      ...(item.route ? { "http.route": item.route } : {}),
      ...(item.status ? { "http.response.status_code": item.status } : {}),
      ...(item.status >= 500 ? { "error.type": String(item.status) } : {}),
      ...failed,
      "http.response.body.size": item.bytes,
      "server.address": "127.0.0.1",
      "server.port": serverPort,
      "client.address": "127.0.0.1",
      "network.peer.address": "127.0.0.1",
      "network.peer.port": clientPort,
      "network.protocol.version": "1.1",
      "user_agent.original": "e2e",
    },
  };
}
