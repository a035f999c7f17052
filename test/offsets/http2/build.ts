import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGo } from "../../fixtures/go-binaries.ts";

export interface ServerBuild {
  /** Version of the toolchain. */
  readonly go: string;
  /** Version of golang.org/x/net, for example "v0.1.0", which every Go from 1.17 on compiles. */
  readonly net: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Builds the server of `app` with one version of golang.org/x/net, and returns the path of the executable. */
export async function buildServer({ go, net, env = {} }: ServerBuild): Promise<string> {
  // The go command completes go.mod.
  const source = mkdtempSync(join(tmpdir(), "http2-"));
  try {
    writeFileSync(
      join(source, "go.mod"),
      `module example.com/http2\n\ngo 1.17\n\nrequire golang.org/x/net ${net}\n`,
    );
    copyFileSync(join(import.meta.dirname, "app/main.go"), join(source, "main.go"));
    return await buildGo({ go, source, env, flags: ["-mod=mod"] });
  } finally {
    rmSync(source, { recursive: true });
  }
}
