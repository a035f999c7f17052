// The text is described in runtime/debug.ParseBuildInfo of the Go distribution.
import { BadBinary, bounded, NoGoVersion } from "./bad-binary.ts";
import { type Elf, findSection } from "./elf.ts";
import type { BinaryFile } from "./file.ts";
import * as facts from "./go-facts/build-info.ts";
import { offsetsOf } from "./go-facts/fact.ts";
import { sections } from "./go-facts/sections.ts";
import * as values from "./go-facts/values.ts";
import { parseGoVersion } from "./go-version.ts";
import type { Memory } from "./memory.ts";
import type { BuildInfo, GoModule } from "./types.ts";

const magic = Buffer.from(facts.magic.value, "latin1");
const headerSize = facts.headerSize.value;
const maxVersion = 1024;
/** A program with 1,500 modules has 200 KB. */
const maxModules = 1024 * 1024;
/** The text stands between two marks. */
const markSize = facts.markSize.value;
const goString = offsetsOf(values.goString);
const pointerSize = values.pointerSize.value;

/** Reads what the go command wrote about the build; undefined when the program has no build info. */
export function readBuildInfo(file: BinaryFile, elf: Elf, memory: Memory): BuildInfo | undefined {
  const address = locate(file, elf, memory);
  if (address === undefined) return undefined;
  const inline = (memory.u8(address + facts.flagsAt.value) & facts.inlineFlag.value) !== 0;
  const { version, modules } = inline ? readInline(memory, address) : readPointers(memory, address);
  const goVersion = parseGoVersion(version);
  if (!goVersion) throw new NoGoVersion(version);
  return { goVersion, ...parseModules(modules) };
}

function locate(file: BinaryFile, elf: Elf, memory: Memory): number | undefined {
  const section = findSection(elf, file, sections.buildInfo.value);
  if (section && isBuildInfo(memory, section.address)) return section.address;
  for (const segment of elf.segments) {
    if (segment.type !== "load" || !segment.writable || segment.fileSize < headerSize) continue;
    for (const chunk of memory.chunks(segment.address, segment.fileSize, headerSize)) {
      for (let at = chunk.data.indexOf(magic); at >= 0; at = chunk.data.indexOf(magic, at + 1)) {
        const address = chunk.address + at;
        if (address % facts.alignment.value === 0 && isBuildInfo(memory, address)) return address;
      }
    }
  }
  return undefined;
}

function isBuildInfo(memory: Memory, address: number): boolean {
  return memory.available(address) >= headerSize && memory.bytes(address, magic.length).equals(magic);
}

interface RawBuildInfo {
  readonly version: string;
  readonly modules: string;
}

/** Go 1.18 and later: two texts, each behind its length as a varint. */
function readInline(memory: Memory, address: number): RawBuildInfo {
  const version = readVarintText(memory, address + headerSize, maxVersion);
  const modules = readVarintText(memory, version.end, maxModules);
  return { version: version.bytes.toString("utf8"), modules: unmark(modules.bytes) };
}

function readVarintText(memory: Memory, address: number, limit: number): { bytes: Buffer; end: number } {
  let [length, scale, at] = [0, 1, address];
  for (let byte = 0x80; byte & 0x80; at++, scale *= 128) {
    byte = memory.u8(at);
    length += (byte & 0x7f) * scale;
    bounded(length, limit, "a length in its build info");
  }
  return { bytes: memory.bytes(at, length), end: at + length };
}

/** Go 1.17 and earlier: pointers to two Go strings. */
function readPointers(memory: Memory, address: number): RawBuildInfo {
  const at = address + facts.versionPointerAt.value;
  if (memory.u8(address + facts.pointerSizeAt.value) !== pointerSize)
    throw new BadBinary("its build info isn't of a 64-bit program");
  return {
    version: readString(memory, memory.pointer(at), maxVersion).toString("utf8"),
    modules: unmark(readString(memory, memory.pointer(at + pointerSize), maxModules)),
  };
}

function readString(memory: Memory, address: number, limit: number): Buffer {
  const length = bounded(memory.u64(address + goString.length), limit, "a length in its build info");
  return length === 0 ? Buffer.alloc(0) : memory.bytes(memory.pointer(address + goString.data), length);
}

function unmark(bytes: Buffer): string {
  const newline = bytes.length > 2 * markSize && bytes[bytes.length - markSize - 1] === 0x0a;
  return newline ? bytes.toString("utf8", markSize, bytes.length - markSize) : "";
}

function parseModules(text: string): Omit<BuildInfo, "goVersion"> {
  let path = "";
  let main: GoModule | undefined;
  const modules: GoModule[] = [];
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [kind, ...columns] = line.split("\t");
    const [first = "", version = ""] = columns;
    if (kind === "path") path = first;
    if (kind === "mod") main = { path: first, version };
    if (kind === "dep") modules.push({ path: first, version });
    if (kind === "=>") main = replaceLast(modules, main, { path: first, version });
    if (kind === "build") addSetting(settings, columns.join("\t"));
  }
  return { path, main, modules, settings };
}

/** A "=>" line speaks of the module of the line above it. */
function replaceLast(
  modules: GoModule[],
  main: GoModule | undefined,
  replacedBy: GoModule,
): GoModule | undefined {
  const last = modules.pop();
  if (!last) return main && { ...main, replacedBy };
  modules.push({ ...last, replacedBy });
  return main;
}

function addSetting(settings: Map<string, string>, text: string): void {
  const [, key = "", value = ""] = /^("(?:[^"\\]|\\.)*"|[^=]*)=(.*)$/s.exec(text) ?? [];
  if (key) settings.set(unquote(key), unquote(value));
}

/** Go quotes keys and values with blanks, quotes or equal signs; what JSON can't read stays as it is. */
function unquote(text: string): string {
  if (/^`[^`]*`$/.test(text)) return text.slice(1, -1);
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
