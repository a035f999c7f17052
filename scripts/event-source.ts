/** TypeScript source for structs and enums that BPF C shares with the agent. */
import type { Btf, BtfEnum, BtfMember, BtfStruct } from "./btf.ts";

export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function pascalCase(name: string): string {
  return camelCase(`_${name}`);
}

/** `enum ending { ENDING_returned, … }` → `export const Ending = { returned: 0, … } as const`. */
export function enumSource({ name, values }: BtfEnum): string {
  const entries = values.filter((value) => value.name.includes("_"));
  const rows = entries.map((value) => `  ${camelCase(value.name.replace(/^[A-Z]+_/, ""))}: ${value.val},`);
  return [`export const ${pascalCase(name)} = {`, ...rows, "} as const;\n"].join("\n");
}

const isPadding = (member: BtfMember) => member.name.startsWith("_");

function getter(name: string, type: string, expression: string): string {
  return `  get ${name}(): ${type} {\n    return ${expression};\n  }\n`;
}

function intExpression({ size, signed, offset }: BtfMember, base: number): string {
  const at = `this.start + ${base + offset}`;
  const sign = signed ? "" : "U";
  if (size === 1) return `this.buffer.read${sign}Int8(${at})`;
  if (size === 2) return `this.buffer.read${sign}Int16LE(${at})`;
  if (size === 4) return `this.buffer.read${sign}Int32LE(${at})`;
  return `this.buffer.read${sign}Int32LE(${at} + 4) * 4294967296 + this.buffer.readUInt32LE(${at})`;
}

function memberSource(btf: Btf, member: BtfMember, prefix: string, base: number, textsAt: number): string[] {
  const name = camelCase(`${prefix}${member.name}`);
  const at = base + member.offset;
  if (member.typeName === "text") return [getter(name, "string", `this.text(${at}, ${textsAt})`)];
  if (member.kind === "array") {
    return [
      getter(
        name,
        "string",
        `this.buffer.toString("hex", this.start + ${at}, this.start + ${at + member.size})`,
      ),
    ];
  }
  if (member.kind === "int") return [getter(name, "number", intExpression(member, base))];
  const inner = btf.struct(member.typeName).members.filter((each) => !isPadding(each));
  return inner.flatMap((each) => memberSource(btf, each, `${prefix}${member.name}_`, at, textsAt));
}

function memberOf({ name, members }: BtfStruct, wanted: string): BtfMember {
  const found = members.find((member) => member.name === wanted);
  if (found === undefined) throw new Error(`struct ${name} has no ${wanted}`);
  return found;
}

/**
 * A class that reads one struct out of a buffer, without copying: numbers (64-bit ones lose their last bits above
 * 2^53, which is 2 ns of a clock after 104 days), byte arrays as hex, texts as strings.
 */
export function readerSource(btf: Btf, struct: BtfStruct): string {
  const texts = struct.members.find((member) => member.typeName === "texts");
  const members = struct.members.filter((member) => !isPadding(member) && member !== texts);
  const hasText = members.some(({ typeName }) => typeName === "text");
  const textsAt = texts && texts.offset + memberOf(btf.struct("texts"), "bytes").offset;
  return [
    `export class ${pascalCase(struct.name)} {`,
    `  /** Bytes of its fixed part. */\n  static readonly size = ${textsAt ?? struct.size};\n`,
    "  private buffer: Buffer = Buffer.alloc(0);",
    "  private start = 0;",
    ...(hasText ? ["  private end = 0;"] : []),
    "\n  load(record: RecordBytes): this {",
    "    this.buffer = record.buffer;",
    "    this.start = record.start;",
    ...(hasText ? ["    this.end = record.end;"] : []),
    "    return this;\n  }\n",
    ...members.flatMap((member) => memberSource(btf, member, "", 0, textsAt ?? 0)),
    ...(hasText ? [textSource] : []),
    "}\n",
  ].join("\n");
}

const textSource = `  private text(field: number, texts: number): string {
    const from = this.start + texts + this.buffer.readUInt16LE(this.start + field);
    const to = from + this.buffer.readUInt16LE(this.start + field + 2);
    return to > this.end ? "" : this.buffer.toString("utf8", from, to);
  }
`;

/** A function that makes the bytes of one struct; arrays are given as bytes, behind which zeros follow. */
export function writerSource(struct: BtfStruct): string {
  const members = struct.members.filter((member) => !isPadding(member));
  const call = ({ name, kind, size, offset }: BtfMember) => {
    const value = `value.${camelCase(name)}`;
    if (kind === "array") return `  bytes.set(${value}.subarray(0, ${size}), ${offset});`;
    if (size === 8) return `  bytes.writeBigUInt64LE(${value}, ${offset});`;
    return size === 1
      ? `  bytes.writeUInt8(${value}, ${offset});`
      : `  bytes.writeUInt${size * 8}LE(${value}, ${offset});`;
  };
  const type = ({ kind, size }: BtfMember) =>
    kind === "array" ? "Uint8Array" : size === 8 ? "bigint" : "number";
  const fields = members.map((member) => `  readonly ${camelCase(member.name)}: ${type(member)};`);
  return [
    `export interface ${pascalCase(struct.name)} {`,
    ...fields,
    "}\n",
    `export function encode${pascalCase(struct.name)}(value: ${pascalCase(struct.name)}): Buffer {`,
    `  const bytes = Buffer.alloc(${struct.size});`,
    ...members.map(call),
    "  return bytes;\n}\n",
  ].join("\n");
}
