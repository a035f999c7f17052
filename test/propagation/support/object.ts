import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../fixtures/go-binaries.ts";

const root = join(import.meta.dirname, "../../..");
const includes = ["ebpf/include", "ebpf/build", "ebpf/libraries/net/http/client", "test/propagation"].map(
  (folder) => join(root, folder),
);

/** Of those of test/propagation: the file without its ending. */
export type ProbeName = "probe" | "grpc/probe";

/** Bytes of the object of one of the tests' own probes, compiled once for each version of it and of what it includes. */
export function compileProbe(name: ProbeName, guarded: boolean): Buffer {
  const source = join(root, "test/propagation", `${name}.bpf.c`);
  const hash = createHash("sha256").update(readFileSync(source));
  for (const header of headers()) hash.update(readFileSync(header));
  const folder = join(cacheDirectory(), "fixtures");
  const variant = guarded ? ".guarded" : "";
  const output = join(folder, `sending-${process.arch}-${hash.digest("hex").slice(0, 16)}${variant}.o`);
  if (!existsSync(output)) {
    mkdirSync(folder, { recursive: true });
    const libbpf = execFileSync(join(root, "scripts/build-libbpf"), {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    compile(source, libbpf, `${output}.${process.pid}`, guarded ? ["-DGUARD_PREEMPTION"] : []);
    renameSync(`${output}.${process.pid}`, output);
  }
  return readFileSync(output);
}

function headers(): string[] {
  return includes.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".h"))
      .sort()
      .map((name) => join(folder, name)),
  );
}

function compile(source: string, libbpf: string, output: string, flags: readonly string[]): void {
  const [arch, triple] =
    process.arch === "x64" ? ["x86", "x86_64-linux-gnu"] : ["arm64", "aarch64-linux-gnu"];
  execFileSync("clang", [
    ...["-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wextra", "-Werror", `-D__TARGET_ARCH_${arch}`],
    ...includes.flatMap((folder) => ["-I", folder]),
    ...["-isystem", join(libbpf, "include"), "-idirafter", `/usr/include/${triple}`],
    ...flags,
    ...["-c", source, "-o", output],
  ]);
}
