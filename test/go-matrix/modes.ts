/** The ways to build a Go program that the matrix knows, and how a finished build proves that it is one. */
import { everyGoVersion, minorOf } from "../fixtures/go-binaries.ts";
import type { Source } from "./source.ts";

export interface Mode {
  readonly name: string;
  readonly source: Source;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Why this Go version can't build this way; undefined when it can. */
  readonly impossible: string | undefined;
  readonly proof: Proof;
}

/** What must be in what other tools than ours say about the executable. */
export interface Proof {
  /** In `go version -m`: the version, the modules. */
  readonly buildInfo?: readonly RegExp[];
  /** There too: how it was built, which programs of Go 1.17 don't say. */
  readonly settings?: readonly RegExp[];
  /** In `readelf --file-header --segments --sections --wide`. */
  readonly elf?: readonly RegExp[];
  readonly notElf?: readonly RegExp[];
}

interface Written {
  readonly source?: Source;
  readonly flags?: readonly string[];
  readonly ldflags?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly minors?: readonly [first: number, last: number];
  readonly outside?: string;
  readonly proof: Proof;
}

const newest = Math.max(...everyGoVersion.map(minorOf));

/** Every mode, as this version of Go builds it. */
export function modesOf(go: string): readonly Mode[] {
  return Object.entries(written(go)).map(([name, mode]) => resolve(go, name, mode));
}

function resolve(go: string, name: string, mode: Written): Mode {
  const minor = minorOf(go);
  const [first, last] = mode.minors ?? [17, Number.POSITIVE_INFINITY];
  const flags = [...(mode.flags ?? []), ...(mode.ldflags ? [`-ldflags=${mode.ldflags}`] : [])];
  return {
    name,
    source: mode.source ?? "plain",
    flags,
    env: mode.env ?? {},
    impossible: minor < first || minor > last ? (mode.outside ?? "") : undefined,
    proof: minor < 18 ? { ...mode.proof, settings: [] } : mode.proof,
  };
}

const cgo = { CGO_ENABLED: "1" };
const loader = / INTERP /;
const positionIndependent = /Type: +DYN/;
const fixed = /Type: +EXEC/;
const symbols = /\.symtab/;
const debugInfo = /\.(z)?debug_info/;

function written(go: string): Readonly<Record<string, Written>> {
  const minor = minorOf(go);
  return {
    plain: { proof: { elf: [fixed, symbols, debugInfo] } },
    "-s -w": { ldflags: "-s -w", proof: { elf: [fixed], notElf: [symbols, debugInfo] } },
    // Go 1.18 does it, but doesn't say so.
    "-trimpath": { flags: ["-trimpath"], proof: { settings: minor >= 19 ? [/-trimpath=true/] : [] } },
    PIE: { flags: ["-buildmode=pie"], proof: { elf: [positionIndependent, loader] } },
    "PIE, -s -w, -trimpath": {
      flags: ["-buildmode=pie", "-trimpath"],
      ldflags: "-s -w",
      proof: { elf: [positionIndependent], notElf: [symbols, debugInfo] },
    },
    "static PIE": {
      flags: ["-buildmode=pie", "-tags=netgo,osusergo"],
      ldflags: "-linkmode=external -extldflags=-static-pie",
      env: cgo,
      proof: { elf: [positionIndependent], notElf: [loader] },
    },
    "cgo, external linking": {
      ldflags: "-linkmode=external",
      env: cgo,
      proof: { elf: [loader, /\.symtab/], settings: [/CGO_ENABLED=1/] },
    },
    "-race": { flags: ["-race"], env: cgo, proof: { settings: [/-race=true/] } },
    "-gcflags=all=-N -l": { flags: ["-gcflags=all=-N -l"], proof: { settings: [/-gcflags="?all=-N -l/] } },
    "GOAMD64=v3": {
      env: { GOAMD64: "v3" },
      minors: [18, Number.POSITIVE_INFINITY],
      outside: "GOAMD64 came with Go 1.18",
      proof: { settings: [/GOAMD64=v3/] },
    },
    vendored: { source: "vendored", proof: { buildInfo: [/dep\s+golang\.org\/x\/net\s+v0\.17\.0/] } },
    "replaced by a folder": {
      source: "replaced by a folder",
      proof: { buildInfo: [/=>\s+\.\/net\s/] },
    },
    "replaced by a fork": {
      source: "replaced by a fork",
      proof: { buildInfo: [/=>\s+github\.com\/golang\/net\s+v0\.17\.0/] },
    },
    "GOEXPERIMENT=noswissmap": {
      env: { GOEXPERIMENT: "noswissmap" },
      minors: [24, 25],
      outside: "only Go 1.24 and 1.25 know it",
      proof: { buildInfo: [/X:noswissmap/] },
    },
    "GOEXPERIMENT=boringcrypto": {
      env: { ...cgo, GOEXPERIMENT: "boringcrypto" },
      minors: [19, Number.POSITIVE_INFINITY],
      outside: "came with Go 1.19",
      proof: { buildInfo: [/X:boringcrypto/] },
    },
    "version to come": {
      ldflags: "-X runtime.buildVersion=go1.99.0",
      minors: [newest, newest],
      outside: "the newest stands for those to come",
      proof: { buildInfo: [/: go1\.99\.0$/m] },
    },
    ...versionTexts([
      `devel go1.${minor}-0c1f2e3d4b Tue Nov 18 10:20:30 2025 +0000`,
      `go1.${minor}-devel_0c1f2e3d4b Tue Nov 18 10:20:30 2025 +0000`,
      `go${go} (Red Hat ${go}-1.el9)`,
      `go${go}-microsoft`,
      `go1.${minor}`,
    ]),
  };
}

/** Programs that say so of the Go that built them, as those of its vendors' and of its own development do. */
function versionTexts(texts: readonly string[]): Record<string, Written> {
  const names = ["devel go1.N-…", "go1.N-devel_…", "(Red Hat …)", "-microsoft", "go1.N"];
  const modes = texts.map((text): Written => {
    const literal = new RegExp(`: ${text.replaceAll(/[().+]/g, "\\$&")}$`, "m");
    return { ldflags: `-X "runtime.buildVersion=${text}"`, proof: { buildInfo: [literal] } };
  });
  return Object.fromEntries(modes.map((mode, index) => [`version ${names[index]}`, mode]));
}
