// Notes: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html#note_section
import type { Elf } from "./elf.ts";
import type { BinaryFile } from "./file.ts";
import { buildIdNote } from "./go-facts/sections.ts";

/** Bytes of one place. */
const maxNotes = 64 * 1024;
/** Linkers write up to five. */
const maxPlaces = 32;

interface Note {
  readonly owner: string;
  readonly type: number;
  readonly value: Buffer;
}

/** The GNU build id in hex, else Go's own build id as it stands. */
export function readBuildId(file: BinaryFile, elf: Elf): string | undefined {
  const notes = readNotes(file, elf);
  const gnu = notes.find((note) => note.owner === "GNU" && note.type === 3);
  return gnu?.value.toString("hex") ?? notes.find(isGoBuildId)?.value.toString("utf8");
}

/** Whether Go's linker wrote its build id into the file, as it does since Go 1.5. */
export function hasGoNote(file: BinaryFile, elf: Elf): boolean {
  return readNotes(file, elf).some(isGoBuildId);
}

function isGoBuildId({ owner, type }: Note): boolean {
  return owner === "Go" && type === buildIdNote.value;
}

function readNotes(file: BinaryFile, elf: Elf): readonly Note[] {
  return places(elf)
    .slice(0, maxPlaces)
    .flatMap(({ offset, size }) =>
      offset + size <= file.size ? [...notesIn(file.bytes(offset, Math.min(size, maxNotes)))] : [],
    );
}

/** Go's linker puts its own note into a segment, but the GNU one into a section only (Go 1.27). */
function places(elf: Elf): readonly { readonly offset: number; readonly size: number }[] {
  const segments = elf.segments.filter(({ type }) => type === "note");
  const sections = elf.sections.filter(({ type }) => type === "note");
  return [
    ...segments.map(({ fileOffset, fileSize }) => ({ offset: fileOffset, size: fileSize })),
    ...sections.map(({ fileOffset, size }) => ({ offset: fileOffset, size })),
  ];
}

function* notesIn(data: Buffer): Generator<Note> {
  for (let at = 0; at + 12 <= data.length; ) {
    const [ownerSize, valueSize, type] = [
      data.readUInt32LE(at),
      data.readUInt32LE(at + 4),
      data.readUInt32LE(at + 8),
    ];
    const value = at + 12 + align4(ownerSize);
    if (value + valueSize > data.length) return;
    const owner = data.toString("latin1", at + 12, at + 12 + ownerSize).replace(/\0+$/, "");
    yield { owner, type, value: data.subarray(value, value + valueSize) };
    at = value + align4(valueSize);
  }
}

/** Owner and value are padded to 4 bytes; `>>> 2` would wrap hostile sizes. */
function align4(size: number): number {
  return Math.ceil(size / 4) * 4;
}
