// The verifier of 5.10 follows a register of a static function back to where the search for equal states began. When
// that was in the same function, but fewer calls deep, it reads the registers of a frame that is not there, and the
// kernel stops (__mark_chain_precision). So no static function may be called at two depths; each global one is a root of
// its own, as the verifier looks at it alone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

import { join } from "node:path";
import { describe, test } from "node:test";
import { filesBelow } from "../../scripts/files.ts";

const objects = join(import.meta.dirname, "..", "..", "dist", "bpf");

interface Subprogram {
  readonly isStatic: boolean;
  readonly callees: Set<string>;
}

const text = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 });

/** Functions of an object by section and offset, which is how calls name them. */
function symbolsOf(path: string) {
  const symbol = /:\s+([0-9a-f]+)\s+\d+ FUNC\s+(LOCAL|GLOBAL)\s+\S+\s+(\d+) (\S+)/g;
  return [...text("llvm-readelf", "-s", path).matchAll(symbol)].map(
    ([, at = "", binding, section, name]) => ({
      at: Number.parseInt(at, 16),
      section: Number(section),
      name: `${name}`,
      isStatic: binding === "LOCAL",
    }),
  );
}

function callsOf(path: string): ReadonlyMap<string, Subprogram> {
  const symbols = symbolsOf(path);
  const textSection = Number(/\[\s*(\d+)\] \.text\s/.exec(text("llvm-readelf", "-S", path))?.[1]);
  const found = new Map(
    symbols.map(({ name, isStatic }) => [name, { isStatic, callees: new Set<string>() } as Subprogram]),
  );
  const nameAt = (section: number | undefined, at: number) => {
    const name = symbols.find((each) => each.section === section && each.at === at)?.name;
    assert.ok(name, `${path}: a call of what is no function, at ${at}`);
    return name;
  };
  let caller = symbols[0];
  let pending: { readonly at: number; readonly offset: number } | undefined;
  const take = (callee: string) => {
    if (caller) found.get(caller.name)?.callees.add(callee);
    pending = undefined;
  };
  for (const line of text("llvm-objdump", "-dr", path).split("\n")) {
    const relocated = /R_BPF_64_32\s+(\S+)/.exec(line)?.[1];
    if (pending && relocated)
      take(relocated === ".text" ? nameAt(textSection, 8 * (pending.offset + 1)) : relocated);
    if (pending && !relocated && line !== "")
      take(nameAt(caller?.section, 8 * (pending.at + 1 + pending.offset)));
    caller = symbols.find(({ name }) => line.endsWith(` <${name}>:`)) ?? caller;
    const [, at, offset] = /^\s*(\d+):\s+85 10 .*call (0x[0-9a-f]+|-?\d+)/.exec(line) ?? [];
    if (at !== undefined) pending = { at: Number(at), offset: Number(offset) };
  }
  return found;
}

/** Static functions that one root calls at several depths. */
function uneven(functions: ReadonlyMap<string, Subprogram>): readonly string[] {
  const faults = new Set<string>();
  for (const [root, { isStatic }] of functions) {
    if (isStatic) continue;
    const depths = new Map<string, number>();
    const visit = (name: string, depth: number) => {
      for (const callee of functions.get(name)?.callees ?? []) {
        if (!functions.get(callee)?.isStatic) continue;
        const before = depths.get(callee);
        if (before !== undefined && before !== depth + 1) faults.add(`${callee} below ${root}`);
        else if (before === undefined) {
          depths.set(callee, depth + 1);
          visit(callee, depth + 1);
        }
      }
    };
    visit(root, 0);
  }
  return [...faults];
}

describe("static functions of BPF objects are called at one depth", () => {
  const paths = filesBelow(objects, ".o");
  test("there are objects, with calls", () => {
    assert.ok(paths.length > 20);
    assert.ok(paths.some((path) => [...callsOf(path).values()].some(({ callees }) => callees.size > 3)));
  });
  for (const path of paths)
    test(path.slice(objects.length + 1), () => assert.deepEqual(uneven(callsOf(path)), []));
});
