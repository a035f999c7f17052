import { join } from "node:path";
import { buildGo, everyGoVersion, type GoBuild, serverSource } from "../../fixtures/go-binaries.ts";

/** A program of 2 MB with each kind of type: a whole look at it takes a few milliseconds. */
export const smallSource = join(import.meta.dirname, "..", "..", "fixtures", "binaries", "small");

type Build = Omit<GoBuild, "source">;

const stripped = "-ldflags=-s -w";
const external = { CGO_ENABLED: "1" };
const arm64 = { GOARCH: "arm64" };

const builds: readonly Build[] = [
  // DWARF 4 up to 1.24, compressed in the old way up to 1.18; DWARF 5 since 1.25.
  ...everyGoVersion.map((go) => ({ go })),
  { go: "1.26.8", flags: ["-ldflags=-compressdwarf=false"] },
  { go: "1.18.10", flags: ["-buildmode=pie", stripped] },
  { go: "1.22.12", flags: ["-buildmode=pie", stripped] },
  { go: "1.27.4", flags: ["-buildmode=pie"] },
  // Relocations as RELR.
  {
    go: "1.26.8",
    flags: ["-buildmode=pie", "-ldflags=-linkmode=external -extldflags=-Wl,-z,pack-relative-relocs"],
    env: external,
  },
  // Values of pointers are in its relocations only.
  {
    go: "1.26.8",
    flags: ["-buildmode=pie", "-ldflags=-linkmode=external"],
    env: { ...external, ...arm64, CC: "aarch64-linux-gnu-gcc" },
  },
  { go: "1.20.14", env: arm64 },
  { go: "1.27.4", flags: [stripped], env: arm64 },
  { go: "1.24.13", env: { GOEXPERIMENT: "noswissmap" } },
];

/** The code of net/http is what probes go into. */
const servers: readonly Build[] = [
  { go: "1.22.12" },
  { go: "1.27.4" },
  { go: "1.22.12", env: arm64 },
  { go: "1.27.4", flags: ["-buildmode=pie", stripped], env: arm64 },
];

export interface Corpus {
  readonly small: readonly string[];
  readonly servers: readonly string[];
}

/** Real programs, from the cache or built. */
export async function buildCorpus(): Promise<Corpus> {
  const paths: Record<"small" | "servers", string[]> = { small: [], servers: [] };
  for (const build of builds) paths.small.push(await buildGo({ ...build, source: smallSource }));
  for (const build of servers) paths.servers.push(await buildGo({ ...build, source: serverSource }));
  return paths;
}
