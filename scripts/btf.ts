/** The few questions that generated code has to ask of `bpftool btf dump --json`. */

interface RawMember {
  readonly name: string;
  readonly type_id: number;
  readonly bits_offset: number;
}

interface RawType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly type_id?: number;
  readonly nr_elems?: number;
  readonly encoding?: string;
  readonly members?: readonly RawMember[];
  readonly values?: readonly { readonly name: string; readonly val: number }[];
}

export interface BtfMember {
  readonly name: string;
  readonly typeName: string;
  /** "array", "struct", or "int" (enums are ints). */
  readonly kind: "array" | "struct" | "int";
  readonly signed: boolean;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
}

export interface BtfStruct {
  readonly name: string;
  readonly size: number;
  readonly members: readonly BtfMember[];
}

export interface BtfEnum {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly val: number }[];
}

const transparent = ["TYPEDEF", "CONST", "VOLATILE"];

export class Btf {
  readonly #types: ReadonlyMap<number, RawType>;

  constructor(dump: { readonly types: readonly RawType[] }) {
    this.#types = new Map(dump.types.map((type) => [type.id, type]));
  }

  enums(): BtfEnum[] {
    return this.#ofKind("ENUM").map(({ name, values }) => ({ name, values: values ?? [] }));
  }

  structs(): BtfStruct[] {
    return this.#ofKind("STRUCT").map(({ name, size, members }) => ({
      name,
      size: size ?? 0,
      members: (members ?? []).map((member) => this.#member(member)),
    }));
  }

  struct(name: string): BtfStruct {
    const found = this.structs().find((struct) => struct.name === name);
    if (found === undefined) throw new Error(`BTF has no struct ${name}`);
    return found;
  }

  #ofKind(kind: string): RawType[] {
    return [...this.#types.values()].filter((type) => type.kind === kind && type.name !== "(anon)");
  }

  #member({ name, type_id, bits_offset }: RawMember): BtfMember {
    const type = this.#resolve(type_id);
    return {
      name,
      typeName: type.name,
      kind: type.kind === "ARRAY" ? "array" : type.kind === "STRUCT" ? "struct" : "int",
      signed: type.encoding === "SIGNED",
      offset: bits_offset / 8,
      size: type.kind === "ARRAY" ? (type.nr_elems ?? 0) * this.#sizeOf(type.type_id) : (type.size ?? 0),
    };
  }

  #sizeOf(id: number | undefined): number {
    return this.#resolve(id ?? 0).size ?? 0;
  }

  #resolve(id: number): RawType {
    const type = this.#types.get(id);
    if (type === undefined) throw new Error(`BTF has no type ${id}`);
    return transparent.includes(type.kind) && type.type_id !== undefined ? this.#resolve(type.type_id) : type;
  }
}
