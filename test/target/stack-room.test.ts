import assert from "node:assert/strict";
import test from "node:test";
import { stackRoomReasons } from "../../src/report/propagation.ts";
import { ProcessMemory } from "../../src/target/process-memory.ts";
import { findStackRoom, type Room } from "../../src/target/stack-room.ts";
import { runStackProgram } from "./stack-programs.ts";

const stripped = ["-ldflags=-s -w"];
const builds = [
  ...["1.17.13", "1.19.13", "1.22.12", "1.24.13", "1.27.4"].map((go) => ({ go, flags: stripped })),
  { go: "1.26.8", flags: [] },
  { go: "1.26.8", flags: [...stripped, "-buildmode=pie"] },
  { go: "1.22.12", flags: ["-buildmode=pie"] },
];

for (const build of builds)
  test(`Go ${build.go} ${build.flags.join(" ")}: what nobody uses stays as it was, whatever is in it`, async () => {
    const program = await runStackProgram(build);
    const memory = new ProcessMemory(program.target.pid);
    try {
      const room = findStackRoom(program.target, memory);
      assert.ok(typeof room !== "string", String(room));
      const size = room.end - room.start;
      assert.ok(size >= 10 * 4096 && size <= 17 * 4096, `${size} bytes`);
      const text = (seed: number) =>
        Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + seed) & 0xff));
      const contents = () => memory.read(room.start, size);
      assert.deepEqual(contents(), Buffer.alloc(size));
      await program.work();
      assert.deepEqual(contents(), Buffer.alloc(size), "the program wrote there");
      assert.ok(memory.write(room.start, text(3)));
      await program.work();
      assert.deepEqual(contents(), text(3), "the program wrote over it");
    } finally {
      memory.close();
      await program.stop();
    }
  });

async function reasonFor(how: Parameters<typeof runStackProgram>[0]): Promise<Room | string> {
  const program = await runStackProgram(how);
  const memory = new ProcessMemory(program.target.pid);
  try {
    return findStackRoom(program.target, memory);
  } finally {
    memory.close();
    await program.stop();
  }
}

test("with cgo all of the stack is in use", async () => {
  const env = { CGO_ENABLED: "1" };
  for (const flags of [stripped, [...stripped, "-ldflags=-linkmode=external -extldflags=-static"]])
    assert.equal(await reasonFor({ go: "1.26.8", env, flags }), stackRoomReasons.otherStack);
});

test("a small stack has no room", async () => {
  assert.equal(await reasonFor({ go: "1.26.8", stackLimit: 64 }), stackRoomReasons.tooSmall);
});

test("an unlimited stack has the usual room", async () => {
  const room = await reasonFor({ go: "1.26.8", stackLimit: 1 << 20 });
  assert.ok(typeof room !== "string", String(room));
});
