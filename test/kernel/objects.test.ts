/**
 * Every BPF object, in the variant for this kernel, is taken by its verifier with all that it can do: each flag is
 * set, each field and type known. No program needs so much of all libraries at once; here nothing is left out.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { filesBelow } from "../../scripts/files.ts";
import { addon, isSystemError, probeKernel, readObject, writeTierRefusal } from "../../src/kernel/index.ts";

const architecture = process.arch === "x64" ? "amd64" : "arm64";
const folder = join(import.meta.dirname, "../../dist/bpf", architecture);
const names = filesBelow(folder, ".o")
  .filter((path) => !path.endsWith(".guarded.o"))
  .map((path) => path.slice(folder.length + 1, -".o".length))
  .sort();

/** Loaded plain on each kernel, and attached otherwise than by links of uprobes: src/kernel. */
const withoutVariant = ["execs", "launch", "propagation/socket"];
const notByUprobes = ["execs", "propagation/socket"];

const features = probeKernel();
const refused = writeTierRefusal();

for (const name of names) {
  const guarded = features.privateStack && !withoutVariant.includes(name);
  test(`the kernel takes ${name}${guarded ? ", guarded" : ""}`, (t) => {
    const { programs, error } = load(name, guarded);
    if (refused !== undefined && name.endsWith("/write")) {
      assert.ok(error, "this kernel lets nothing write to a program's memory");
      return t.diagnostic(`refused: ${refused}`);
    }
    assert.equal(error, undefined);
    t.diagnostic(`${programs.length} programs`);
  });
}

interface Loaded {
  readonly programs: readonly string[];
  /** The kernel's, with the end of what its verifier says. */
  readonly error?: string;
}

/** Loads all programs of an object as the agent does, and takes them out again. */
function load(name: string, guarded: boolean): Loaded {
  const object = new (addon().BpfObject)(readObject(architecture, name, guarded), name);
  const programs = object.programs();
  try {
    for (const [constant, value] of constantsOf(name, guarded)) object.setGlobal(constant, value);
    for (const program of notByUprobes.includes(name) ? [] : programs)
      object.setAttachMulti(program, features.uprobeMulti);
    object.load();
    return { programs };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { programs, error: `${error.message}: ${error.log.slice(-4096)}` };
  } finally {
    object.close();
  }
}

/** By their bytes: flags are set; each offset, and the address of each type and function, is some that may be. */
const values = new Map([
  [1, Buffer.from([1])],
  [2, Buffer.from([8, 0])],
  [8, Buffer.from([0, 0, 0x40, 0, 0, 0, 0, 0])],
]);

/** An object's global constants with a value for each; those of other sizes are left as they are declared. */
function constantsOf(name: string, guarded: boolean): ReadonlyMap<string, Buffer> {
  const path = join(folder, `${name}${guarded ? ".guarded" : ""}.o`);
  const readelf = (option: string) => execFileSync("llvm-readelf", [option, path], { encoding: "utf8" });
  const section = /\[\s*(\d+)\] \.rodata\s/.exec(readelf("-S"))?.[1];
  const symbol = /\s(\d+) OBJECT\s+GLOBAL\s+\S+\s+(\d+) (\S+)/g;
  return new Map(
    [...readelf("-s").matchAll(symbol)].flatMap(([, size, index, constant]) => {
      const value = index === section ? values.get(Number(size)) : undefined;
      return value && constant ? [[constant, value] as const] : [];
    }),
  );
}
