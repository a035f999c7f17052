/** Slots in a real program's memory, and the maps that programs in the kernel share; no program is loaded for it. */
import assert from "node:assert/strict";
import test, { afterEach, beforeEach } from "node:test";
import { MessageSlot, SlotMark } from "../../src/generated/shared.ts";
import { addon, type BpfMap } from "../../src/kernel/addon.ts";
import { probeKernel, readObject, u32, u64 } from "../../src/kernel/index.ts";
import { MessageSlots } from "../../src/kernel/message-slots.ts";
import { stackRoomReasons } from "../../src/report/propagation.ts";
import { ProcessMemory } from "../../src/target/process-memory.ts";
import { findStackRoom, type Room } from "../../src/target/stack-room.ts";
import { runStackProgram, type StackProgram } from "../target/stack-programs.ts";

let program: StackProgram;
let memory: ProcessMemory;
let room: Room;

beforeEach(async () => {
  program = await runStackProgram({ go: "1.26.8" });
  memory = new ProcessMemory(program.target.pid);
  const found = findStackRoom(program.target, memory);
  assert.ok(typeof found !== "string");
  room = found;
});

afterEach(async () => {
  memory.close();
  await program.stop();
});

test("slots get memory, of which nothing is left in the end", () => {
  const slots = opened();
  const maps = openMaps();
  slots.start(maps.get);
  const settings = maps.get("slot_settings").lookup(u32(0));
  assert.equal(settings?.readBigUInt64LE(), BigInt(room.start));
  assert.equal(settings?.readUInt32LE(8), (room.end - room.start) / MessageSlot.size);
  assert.ok(memory.write(room.start + 5, Buffer.from("something")));
  slots.clear();
  slots.close();
  assert.deepEqual(memory.read(room.start, room.end - room.start), Buffer.alloc(room.end - room.start));
  maps.close();
});

test("memory that somebody else uses is left alone", () => {
  assert.equal(MessageSlots.refusal(program.target), undefined);
  const text = Buffer.from("somebody else's");
  assert.ok(memory.write(room.end - 100, text));
  assert.equal(MessageSlots.refusal(program.target), stackRoomReasons.inUse);
  assert.equal(MessageSlots.open(program.target), stackRoomReasons.inUse);
  assert.deepEqual(memory.read(room.end - 100, text.length), text);
});

test("a slot that an agent before has left is used again when nobody reads it any more", () => {
  const [goidAt, list, slot] = wordsOfTheirOwn();
  for (const [mark, goid, refersTo] of [
    [SlotMark.done, 7, slot],
    [SlotMark.used, 8, slot],
    [SlotMark.used, 7, 0],
  ] as const) {
    leave(slot, { mark, goid, goidAt, list });
    assert.ok(memory.write(goidAt, u64(7)) && memory.write(list, u64(refersTo)));
    opened().close();
    assert.deepEqual(memory.read(slot, MessageSlot.size), Buffer.alloc(MessageSlot.size));
  }
  leave(slot, { mark: SlotMark.used, goid: 7, goidAt, list });
  assert.ok(memory.write(list, u64(slot)));
  const before = memory.read(slot, MessageSlot.size);
  const slots = opened();
  const maps = openMaps();
  slots.start(maps.get);
  const owner = () => maps.get("slot_owners").lookup(u32((slot - room.start) / MessageSlot.size));
  slots.sweep();
  assert.ok(owner(), "it was given away");
  assert.deepEqual(memory.read(slot, MessageSlot.size), before);
  assert.ok(memory.write(list, u64(0)));
  slots.sweep();
  assert.equal(owner(), undefined);
  assert.deepEqual(memory.read(slot, MessageSlot.size), Buffer.alloc(MessageSlot.size));
  slots.close();
  maps.close();
});

test("a slot is taken from a goroutine that has ended, and from no other", () => {
  const [goidAt, list, slot] = wordsOfTheirOwn();
  const number = u32((slot - room.start) / MessageSlot.size);
  const slots = opened();
  const maps = openMaps();
  slots.start(maps.get);
  const owners = maps.get("slot_owners");
  const byGoroutine = maps.get("slots_by_goid");
  const user = Buffer.concat([u64(SlotMark.used), u64(7), u64(goidAt), u64(list)]);
  owners.update(number, Buffer.concat([user, u64(12_345), u64(0)]));
  byGoroutine.update(u64(7), number);
  assert.ok(memory.write(goidAt, u64(7)) && memory.write(slot, Buffer.from("headers")));
  // Nothing refers to it, but the goroutine may take it once more at any time.
  slots.sweep();
  assert.ok(owners.lookup(number) && byGoroutine.lookup(u64(7)));
  slots.clear();
  assert.equal(memory.read(slot, 7)?.toString(), "headers");
  assert.ok(memory.write(goidAt, u64(9)));
  slots.sweep();
  assert.equal(owners.lookup(number), undefined);
  assert.equal(byGoroutine.lookup(u64(7)), undefined);
  assert.deepEqual(memory.read(slot, 7), Buffer.alloc(7));
  slots.close();
  maps.close();
});

test("the memory of a program that has ended is nobody's", async () => {
  const slots = opened();
  await program.stop();
  slots.clear();
  slots.close();
  assert.match(String(MessageSlots.open(program.target)), /can't be opened \(ENOENT\)/);
});

function opened(): MessageSlots {
  const slots = MessageSlots.open(program.target);
  assert.ok(typeof slots !== "string", String(slots));
  return slots;
}

/** Two words of the program that it has no use for, and a slot elsewhere. */
function wordsOfTheirOwn(): [goidAt: number, list: number, slot: number] {
  // Between what is used and the slots lies a page.
  return [room.end + 8, room.end + 16, room.start + 3 * MessageSlot.size];
}

interface Left {
  readonly mark: number;
  readonly goid: number;
  readonly goidAt: number;
  readonly list: number;
}

function leave(slot: number, { mark, goid, goidAt, list }: Left): void {
  const user = Buffer.concat([u64(mark), u64(goid), u64(goidAt), u64(list)]);
  const headers = Buffer.alloc(MessageSlot.size - user.length, 5);
  assert.ok(memory.write(slot, Buffer.concat([headers, user])));
}

interface Maps {
  get(name: string): BpfMap;
  close(): void;
}

function openMaps(): Maps {
  const arch = process.arch === "x64" ? "amd64" : "arm64";
  const path = "github.com/segmentio/kafka-go/producer/write";
  const object = new (addon().BpfObject)(readObject(arch, path, probeKernel().privateStack), "slots");
  for (const name of object.programs()) object.setAutoload(name, false);
  object.load();
  const opened = new Map<string, BpfMap>();
  return {
    get(name) {
      const map = opened.get(name) ?? object.map(name);
      opened.set(name, map);
      return map;
    },
    close() {
      for (const map of opened.values()) map.close();
      object.close();
    },
  };
}
