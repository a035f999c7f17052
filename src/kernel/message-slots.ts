/**
 * Places in a target's memory for headers of messages, while the messages are encoded: ebpf/include/message_slots.h.
 * Programs in the kernel take and give back slots; here they are prepared, and taken back from who can't do it any more.
 */
import { encodeSlotSettings, MessageSlot, SlotMark, SlotUser } from "../generated/shared.ts";
import { stackRoomReasons } from "../report/propagation.ts";
import { ProcessMemory } from "../target/process-memory.ts";
import { findStackRoom, type Room } from "../target/stack-room.ts";
import type { Target } from "../target/target.ts";
import type { BpfMap } from "./addon.ts";
import { u32 } from "./words.ts";

export type SlotTarget = Pick<Target, "pid" | "inode" | "startStack">;

/** MAX_SLOTS. */
const maxSlots = 64;

const emptySlot = Buffer.alloc(MessageSlot.size);

interface Slot {
  readonly number: number;
  readonly address: number;
  /** Whose it was when this agent came; undefined: nobody's. */
  readonly user: Buffer | undefined;
}

export class MessageSlots {
  readonly #memory: ProcessMemory;
  readonly #slots: readonly Slot[];
  #owners: BpfMap | undefined;
  #byGoroutine: BpfMap | undefined;

  private constructor(memory: ProcessMemory, slots: readonly Slot[]) {
    this.#memory = memory;
    this.#slots = slots;
  }

  /** Finds them and sees to it that their memory is there; a text says why there are none. */
  static open(target: SlotTarget): MessageSlots | string {
    return withMemory(target, (memory) => {
      const slots = findSlots(target, memory);
      if (typeof slots === "string") return slots;
      const isThere = slots.every(
        ({ address, user }) => user !== undefined || memory.write(address, emptySlot),
      );
      return isThere ? new MessageSlots(memory, slots) : stackRoomReasons.notWritable;
    });
  }

  /** Why there are none; undefined: there are. Nothing is written. */
  static refusal(target: SlotTarget): string | undefined {
    const found = withMemory(target, (memory) => {
      const slots = findSlots(target, memory);
      return typeof slots === "string" ? slots : memory;
    });
    if (typeof found === "string") return found;
    found.close();
    return undefined;
  }

  /** From here on programs take them. */
  start(mapOf: (name: string) => BpfMap | undefined): void {
    const settings = mapOf("slot_settings");
    this.#owners = mapOf("slot_owners");
    this.#byGoroutine = mapOf("slots_by_goid");
    const [first] = this.#slots;
    if (!settings || !this.#owners || !first) return;
    for (const { number, user } of this.#slots)
      if (user) this.#owners.update(u32(number), ownerOf(user, this.#owners));
    settings.update(u32(0), encodeSlotSettings({ first: BigInt(first.address), slots: this.#slots.length }));
  }

  /**
   * Takes slots back: of goroutines that have ended in the middle, and of an agent before this one, as soon as nobody
   * reads them. No slot goes away from a goroutine that may still go on.
   */
  sweep(): void {
    for (const { number, address } of this.#slots) {
      const owner = this.#owners?.lookup(u32(number));
      if (owner === undefined) continue;
      const user = new SlotUser().load({ buffer: owner, start: 0, end: owner.length });
      const isInherited = owner.readBigUInt64LE(SlotUser.size) === 0n;
      if (!this.#hasEnded(user) && !(isInherited && !this.#isReferredTo(user, address))) continue;
      if (!isInherited) this.#byGoroutine?.delete(owner.subarray(goidAt, goidAt + 8));
      if (this.#memory.write(address, emptySlot)) this.#owners?.delete(u32(number));
    }
  }

  /** The kernel may have taken the memory away meanwhile: what can't be written to at once comes back. */
  touch(): void {
    for (const { address } of this.#slots) this.#memory.write(address + paddingAt, emptySlot.subarray(0, 1));
  }

  /** When no program runs any more: the memory is again as it was, but for slots that are being read. */
  clear(): void {
    this.sweep();
    for (const { number, address } of this.#slots)
      if (!this.#owners?.lookup(u32(number))) this.#memory.write(address, emptySlot);
  }

  close(): void {
    this.#memory.close();
  }

  #hasEnded({ goid, goidAt }: SlotUser): boolean {
    return differs(this.#memory, goidAt, goid);
  }

  #isReferredTo({ list }: SlotUser, address: number): boolean {
    return !differs(this.#memory, list, address);
  }
}

/** Where a slot says whose it is: at its end. */
const userAt = MessageSlot.size - SlotUser.size;
/** Of struct slot_user: bytes that are always zero, and the goroutine's id. */
const paddingAt = userAt + 4;
const goidAt = 8;

/** A text says why it can't be used, and the memory is closed again. */
function withMemory<T>(target: SlotTarget, use: (memory: ProcessMemory) => T | string): T | string {
  let memory: ProcessMemory | undefined;
  let result: T | string;
  try {
    memory = new ProcessMemory(target.pid);
    result = use(memory);
  } catch (error) {
    result = stackRoomReasons.closed((error as NodeJS.ErrnoException).code ?? String(error));
  }
  if (typeof result === "string") memory?.close();
  return result;
}

function findSlots(target: SlotTarget, memory: ProcessMemory): readonly Slot[] | string {
  const room = findStackRoom(target, memory);
  if (typeof room === "string") return room;
  const slots = slotsIn(room).map((slot) => examine(slot, memory));
  const usable = slots.filter((slot) => slot !== undefined);
  return usable.length === slots.length ? usable : stackRoomReasons.inUse;
}

function slotsIn({ start, end }: Room): readonly Omit<Slot, "user">[] {
  const count = Math.min(maxSlots, Math.floor((end - start) / MessageSlot.size));
  return Array.from({ length: count }, (_, number) => ({
    number,
    address: start + number * MessageSlot.size,
  }));
}

/** Undefined: somebody else uses this memory. */
function examine(slot: Omit<Slot, "user">, memory: ProcessMemory): Slot | undefined {
  const bytes = memory.read(slot.address, MessageSlot.size);
  if (bytes === undefined) return undefined;
  if (bytes.equals(emptySlot)) return { ...slot, user: undefined };
  const user = new SlotUser().load({ buffer: bytes, start: userAt, end: bytes.length });
  if (user.mark === SlotMark.done) return { ...slot, user: undefined };
  if (user.mark !== SlotMark.used) return undefined;
  const isFree = differs(memory, user.goidAt, user.goid) || differs(memory, user.list, slot.address);
  return { ...slot, user: isFree ? undefined : bytes.subarray(userAt) };
}

/** Whether another word surely stands there. */
function differs(memory: ProcessMemory, address: number, word: number): boolean {
  const found = memory.word(address);
  return found !== undefined && found !== BigInt(word);
}

/** Never used by this agent: used_ns is 0. */
function ownerOf(user: Buffer, { info }: BpfMap): Buffer {
  return Buffer.concat([user], info.lookupBytes);
}
