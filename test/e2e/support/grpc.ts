import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGo, goCommand } from "../../fixtures/go-binaries.ts";
import { repository } from "./agent.ts";
import type { Facts } from "./cases.ts";
import { type Server, startExecutable } from "./server.ts";

export const grpcFolder = join(repository, "test", "libraries", "google.golang.org", "grpc");

export interface GrpcBuild {
  /** Version of google.golang.org/grpc. */
  readonly grpc: string;
  /** Version of the toolchain. */
  readonly go: string;
  /** Another go.mod than the newest version's. */
  readonly modfile?: string;
  /** Build tags: what that version hasn't got. */
  readonly tags?: string;
  /** In another way than others are, which its tests' titles say. */
  readonly way?: GrpcWay;
}

export interface GrpcWay {
  readonly name: string;
  readonly flags?: () => readonly string[] | Promise<readonly string[]>;
  readonly env?: Readonly<Record<string, string>>;
}

export const newestGrpc: GrpcBuild = { grpc: "1.85.0", go: "1.26.8" };
export const oldestGrpc: GrpcBuild = {
  grpc: "1.14.0",
  go: "1.19.13",
  modfile: "v1_14.mod",
  tags: "grpc14",
};

/** Each with a Go version of its time, as far as that can be traced. */
const everyGrpc: readonly GrpcBuild[] = [
  oldestGrpc,
  { grpc: "1.40.0", go: "1.19.13", modfile: "v1_40.mod", tags: "dial" },
  { grpc: "1.60.1", go: "1.21.13", modfile: "v1_60.mod", tags: "dial" },
  { grpc: "1.69.4", go: "1.23.12", modfile: "v1_69.mod" },
  { grpc: "1.77.0", go: "1.24.13", modfile: "v1_77.mod" },
  newestGrpc,
];

/** Versions that the cases run on: the newest, the oldest and one between, or all with OTEL_GO_AUTO_MATRIX=1. */
export const grpcBuilds: readonly GrpcBuild[] =
  process.env.OTEL_GO_AUTO_MATRIX === "1"
    ? everyGrpc
    : everyGrpc.filter(({ grpc }) => ["1.14.0", "1.60.1", "1.85.0"].includes(grpc));

/** The newest version built in ways that change its code: what is inlined, and which instructions there are. */
export const grpcWays: readonly GrpcBuild[] = [
  { name: "-N -l", flags: () => ["-gcflags=all=-N -l"] },
  { name: "PGO", flags: async () => [`-pgo=${await profileOfGrpc(newestGrpc)}`] },
  { name: "GOAMD64=v3", env: { GOAMD64: "v3" } },
].map((way) => ({ ...newestGrpc, way }));

export async function buildGrpc({ go, modfile, tags, way }: GrpcBuild): Promise<string> {
  const flags = [
    "-ldflags=-s -w",
    ...(modfile === undefined ? [] : [`-modfile=${modfile}`]),
    ...(tags === undefined ? [] : [`-tags=${tags}`]),
    ...((await way?.flags?.()) ?? []),
  ];
  return buildGo({ go, source: join(grpcFolder, "app"), flags, env: way?.env ?? {} });
}

/** Where both ends' time goes under load: a file for -pgo, made once. */
async function profileOfGrpc(build: GrpcBuild): Promise<string> {
  const merged = `${await buildGrpc(build)}.pprof`;
  if (existsSync(merged)) return merged;
  const directory = await mkdtemp(join(tmpdir(), "otel-go-auto-pgo-"));
  const files = ["back", "front"].map((end) => join(directory, end)) as [string, string];
  const executable = await buildGrpc(build);
  const back = await startExecutable(executable, ["-back", "-profile", files[0]]);
  const target = `plain=127.0.0.1:${back.ports.plain}`;
  const front = await startExecutable(executable, ["-profile", files[1], "-target", target]);
  try {
    await fetch(`http://127.0.0.1:${front.ports.h1}/load?seconds=2&workers=8`);
    await fetch(`http://127.0.0.1:${front.ports.h1}/load?seconds=2&workers=8&kind=bidi`);
    await Promise.all([back, front].map(({ running }) => running.waitFor(/^profiled$/m, 60_000)));
    await goCommand(build.go, ["tool", "pprof", "-proto", "-output", `${directory}/merged`, ...files]);
    await copyFile(`${directory}/merged`, merged);
  } finally {
    await Promise.all([front.stop(), back.stop()]);
    await rm(directory, { recursive: true, force: true });
  }
  return merged;
}

/** Both ends, each a process of the same program. */
export interface GrpcProgram {
  /** Serves gRPC, see app/back. */
  readonly back: Server;
  /** Its listener "h1" takes requests that say what to call, see app/front. */
  readonly front: Server;
  /** Ports of the back as plainPort, tlsPort and so on, frontPort, unixPath, and the client's userAgent. */
  readonly facts: Facts;
  stop(): Promise<void>;
}

/** Before that was the default, retries had to be asked for. */
const env = { ...process.env, GRPC_GO_RETRY: "on" };

export async function startGrpc(build: GrpcBuild): Promise<GrpcProgram> {
  const executable = await buildGrpc(build);
  const directory = await mkdtemp(join(tmpdir(), "otel-go-auto-grpc-"));
  const unixPath = join(directory, "socket");
  const back = await startExecutable(executable, ["-back", "-unix", unixPath], { env });
  const targets = { ...targetsOf(back.ports), unix: `unix:${unixPath}` };
  const front = await startFront(build, targets);
  const ports = Object.entries(back.ports).map(([name, port]) => [`${camelCase(name)}Port`, port] as const);
  return {
    back,
    front,
    facts: {
      ...Object.fromEntries(ports),
      frontPort: front.ports.h1 ?? 0,
      unixPath,
      userAgent: `grpc-go/${build.grpc}`,
    },
    async stop() {
      await Promise.all([front.stop(), back.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The calling end alone; targets are addresses by their names. */
export async function startFront(build: GrpcBuild, targets: Readonly<Record<string, string>>) {
  const args = Object.entries(targets).flatMap(([name, address]) => ["-target", `${name}=${address}`]);
  return await startExecutable(await buildGrpc(build), args, { env });
}

/** Everything that a back listens on, its first listener in all spellings, and what isn't there. */
export function targetsOf(ports: Readonly<Record<string, number>>): Record<string, string> {
  const targets: Record<string, string> = {
    passthrough: `passthrough:///127.0.0.1:${ports.plain}`,
    dns: `dns:///localhost:${ports.plain}`,
    refused: "127.0.0.1:1",
    nohost: "dns:///nohost.invalid:1",
  };
  for (const [name, port] of Object.entries(ports))
    targets[name] = name.endsWith("-ipv6") ? `[::1]:${port}` : `127.0.0.1:${port}`;
  return targets;
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
