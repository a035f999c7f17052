// Symbol table: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.symtab.html
import { type Elf, findSection, type Section } from "./elf.ts";
import type { BinaryFile } from "./file.ts";

const entrySize = 24;
/** More places where a name could start than this are a table made to be slow. */
const maxPlaces = 1000;

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

/** The defined symbols of that name, global variables among them; none when the program was linked with -s. */
export function findSymbols(file: BinaryFile, elf: Elf, name: string): readonly ElfSymbol[] {
  const table = findSection(elf, file, ".symtab");
  const texts = table && elf.sections[table.link];
  if (!table || !texts || texts.fileOffset + texts.size > file.size) return [];
  const places = placesOf(file, texts, name);
  return places.size === 0 ? [] : [...symbolsAt(file, table, places, name)];
}

/** Where the name stands among the texts. Linkers let a name share the end of a longer one, so no NUL is before it. */
function placesOf(file: BinaryFile, texts: Section, name: string): Set<number> {
  const wanted = Buffer.from(`${name}\0`);
  const places = new Set<number>();
  for (const { offset, data } of file.chunks(texts.fileOffset, texts.size, wanted.length)) {
    for (
      let at = data.indexOf(wanted);
      at >= 0 && places.size < maxPlaces;
      at = data.indexOf(wanted, at + 1)
    ) {
      places.add(offset + at - texts.fileOffset);
    }
  }
  return places;
}

function* symbolsAt(
  file: BinaryFile,
  table: Section,
  places: Set<number>,
  name: string,
): Generator<ElfSymbol> {
  for (const { data } of file.chunks(table.fileOffset, table.size)) {
    for (let at = 0; at + entrySize <= data.length; at += entrySize) {
      if (!places.has(data.readUInt32LE(at)) || data.readUInt16LE(at + 6) === 0) continue;
      const [address, size] = [data.readBigUInt64LE(at + 8), data.readBigUInt64LE(at + 16)];
      yield { name, address: Number(address), size: Number(size) };
    }
  }
}
