// Machine code: that of real functions, broken, and random bytes.

import { openGoBinary } from "../../../src/binary/index.ts";
import { decodeAll } from "../../../src/binary/instructions/index.ts";
import type { Architecture } from "../../../src/binary/types.ts";
import type { Random } from "../support/random.ts";
import { bufferSubject, type Subject, type Target } from "../support/target.ts";

const functions = ["net/http.(*conn).serve", "net/http.serverHandler.ServeHTTP", "runtime.mallocgc"];
const base = 0x400000;
const randomLength = 256;

export const target: Target = {
  name: "instructions",
  isRefusal: () => false,
  subjects: ({ servers }) => [...servers.flatMap(ofProgram), randomBytes("amd64"), randomBytes("arm64")],
};

function ofProgram(path: string): Subject[] {
  const binary = openGoBinary(path);
  const found = [...binary.functions.findAll(new Set(functions)).values()].flat();
  const subjects = found.map((fn) =>
    bufferSubject(Buffer.from(binary.code(fn).subarray(0, 4096)), (code) => check(code, binary.arch)),
  );
  binary.close();
  return subjects;
}

function randomBytes(arch: Architecture): Subject {
  const code = Buffer.alloc(randomLength);
  return {
    mutate(random: Random) {
      for (let i = 0; i < code.length; i++) code[i] = random(256);
      return code.toString("hex");
    },
    read: () => check(code, arch),
    repair: () => {},
  };
}

/** Every byte belongs to one instruction, up to where the walk stops. */
function check(code: Buffer, arch: Architecture): void {
  const { instructions, stoppedAt } = decodeAll(code, base, arch);
  let next = base;
  for (const { address, length, target } of instructions) {
    if (address !== next || !(length >= 1 && length <= 15)) throw new Error(`${length} bytes at ${address}`);
    if (target !== undefined && !Number.isSafeInteger(target)) throw new Error(`a jump to ${target}`);
    next += length;
  }
  if (next !== (stoppedAt ?? base + code.length)) throw new Error(`stopped at ${stoppedAt}, not ${next}`);
}
