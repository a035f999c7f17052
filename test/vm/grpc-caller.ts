/** The program that makes calls of gRPC, with its oldest versions and newer ones. */
import { join } from "node:path";
import { buildGo } from "../fixtures/go-binaries.ts";
import type { TracedCalls } from "./traced-calls.ts";

const source = join(import.meta.dirname, "../libraries/google.golang.org/grpc/app");

/** Of gRPC: the toolchain that it is built with, and the module file if it is another than go.mod. */
const builds = {
  "1.14": { go: "1.19.13", modfile: "v1_14.mod" },
  "1.40": { go: "1.19.13", modfile: "v1_40.mod" },
  "1.60": { go: "1.22.12", modfile: "v1_60.mod" },
  "1.69": { go: "1.23.12", modfile: "v1_69.mod" },
  "1.77": { go: "1.24.13", modfile: "v1_77.mod" },
  "1.85": { go: "1.26.8", modfile: undefined },
} as const;

export type GrpcVersion = keyof typeof builds;

/** Comma-separated. */
export function grpcVersions(list: string): readonly GrpcVersion[] {
  return list.split(",").map((name) => {
    if (!(name in builds)) throw new Error(`${name} is none of ${Object.keys(builds).join(", ")}`);
    return name as GrpcVersion;
  });
}

/** Stripped. */
export function grpcCaller(version: GrpcVersion): TracedCalls["caller"] {
  const { go, modfile } = builds[version];
  const flags = ["-ldflags=-s -w", ...(modfile === undefined ? [] : [`-modfile=${modfile}`])];
  return (arch) => buildGo({ go, source, package: "./calls", flags, env: { GOARCH: arch } });
}
