/** What the binary room tells the rooms to its right. Addresses are virtual addresses of the file, before any load bias. */

import type { GoType } from "./go-type.ts";

export type Architecture = "amd64" | "arm64";

export interface GoVersion {
  /** As the binary says it, for example "go1.26.8" or "devel go1.28-abcdef X:noswissmap". */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** The module that really was compiled, when a `replace` took the place of this one. */
  readonly replacedBy?: { readonly path: string; readonly version: string };
}

export interface BuildInfo {
  readonly goVersion: GoVersion;
  /** Import path of package main. */
  readonly path: string;
  readonly main: GoModule | undefined;
  readonly modules: readonly GoModule[];
  /** Build settings such as "GOARCH", "-trimpath", "vcs.revision". */
  readonly settings: ReadonlyMap<string, string>;
}

export interface GoFunction {
  /** Full name as the linker has it, for example "net/http.(*conn).serve.func1". */
  readonly name: string;
  readonly address: number;
  /** First address behind the function. */
  readonly end: number;
}

export interface FunctionTable {
  /** All functions of that name; a name may stand twice, an inlined-everywhere function not at all. */
  find(name: string): readonly GoFunction[];
  /** Many names in one pass over the table. */
  findAll(names: ReadonlySet<string>): ReadonlyMap<string, readonly GoFunction[]>;
  /** Whether the program has any function of this package, also one that exists only inlined. */
  hasPackage(path: string): boolean;
  /** Whether the name is there, also of a function that exists only inlined. */
  hasName(name: string): boolean;
  /** The names of all functions, also of those that exist only inlined. For `inspect`, as `all`. */
  allNames(): Iterable<string>;
  /** The function that holds this address. */
  at(address: number): GoFunction | undefined;
  /** All functions, in address order. Costly on large binaries: use it for tests and `inspect` only. */
  all(): Iterable<GoFunction>;
}

export interface StructField {
  readonly name: string;
  /** Byte offset in the struct. */
  readonly offset: number;
  /** Full name of the field's type where it has one ("net/url.URL" also for *net/url.URL). */
  readonly typeName: string;
  readonly embedded: boolean;
  /** Address of the field's type descriptor, where the layout comes from the runtime's types. */
  readonly type?: number;
}

export interface StructType {
  readonly name: string;
  readonly size: number;
  readonly fields: readonly StructField[];
}

/** How a Go map of one type lies in memory. Read from the map's own type descriptor. */
export type MapLayout =
  | {
      readonly kind: "swiss";
      /** Bytes of a group of 8 slots; key i is at keysOffset + i * keyStride, its element at elemsOffset + i * elemStride. */
      readonly groupSize: number;
      readonly keysOffset: number;
      readonly keyStride: number;
      readonly elemsOffset: number;
      readonly elemStride: number;
    }
  | {
      readonly kind: "buckets";
      readonly bucketSize: number;
      readonly keySize: number;
      readonly elemSize: number;
    };

export interface RuntimeTypes {
  /** Says which types will be asked for, by full name: they are then searched together instead of one by one. */
  prepare(names: Iterable<string>): void;
  /** Layout of a named struct type by its full name ("net/http.Request"); undefined when the binary has none. */
  struct(name: string): StructType | undefined;
  /** Layout of a named map type ("net/http.Header"). */
  map(name: string): MapLayout | undefined;
  /** Address of a named type's descriptor, in the file; undefined when there is none, or more than one of that name. */
  addressOf(name: string): number | undefined;
  /** Full name of the type whose descriptor is at `address` ("*errors.errorString" for a pointer), if there is one. */
  nameAt(address: number): string | undefined;
  /** A named type of any kind by its full name. */
  goType(name: string): GoType | undefined;
  /** Layout of the struct type whose descriptor is at `address`, or of the struct that it is a pointer to. */
  structAt(address: number): { readonly isPointer: boolean; readonly struct: StructType } | undefined;
}

export interface Itab {
  readonly address: number;
  /** Address of the concrete type's descriptor. */
  readonly concreteType: number;
  /** Full names, with a leading "*" for pointer types. */
  readonly interfaceName: string;
  readonly concreteName: string;
}

export interface DebugParameter {
  /** "" or made by the compiler ("~r0") for one that has no name. */
  readonly name: string;
  readonly type: GoType;
}

/** What a function takes, its receiver first, and what it returns. Not what the compiler adds: generics' dictionaries. */
export interface DebugSignature {
  readonly parameters: readonly DebugParameter[];
  readonly results: readonly DebugParameter[];
}

/** Out of DWARF. */
export interface DebugTypes {
  struct(name: string): StructType | undefined;
  /** Undefined for a function that the DWARF data doesn't hold, or holds in a broken way. */
  signature(fn: GoFunction): DebugSignature | undefined;
  /** Functions of a package that exist only inlined. */
  inlined(packagePath: string): ReadonlySet<string>;
}

export interface GoBinary {
  readonly path: string;
  readonly size: number;
  readonly arch: Architecture;
  /** True for position-independent executables: addresses in memory are higher by a load bias. */
  readonly pie: boolean;
  /** True when a dynamic linker starts the program (it has PT_INTERP). */
  readonly dynamic: boolean;
  /** GNU build id in hex, else Go's build id, else undefined. */
  readonly buildId: string | undefined;
  /** False when there is neither a symbol table nor DWARF. */
  readonly hasSymbols: boolean;
  readonly buildInfo: BuildInfo;
  readonly functions: FunctionTable;
  readonly types: RuntimeTypes;
  /** Undefined when the binary was linked with -w. */
  readonly debug: DebugTypes | undefined;
  /** Itabs made by the linker. */
  itabs(): readonly Itab[];
  /** Those of an interface by its full name, "net/http.ResponseWriter": far less to read than the names of all. */
  itabsOf(interfaceName: string): readonly Itab[];
  /** Symbols of that name, global variables among them; none when the program was linked with -s. */
  symbols(
    name: string,
  ): readonly { readonly name: string; readonly address: number; readonly size: number }[];
  /** The function's machine code. */
  code(fn: GoFunction): Uint8Array;
  /** `length` bytes of machine code in pieces, each repeating the last `overlap` bytes of the one before. The buffer is used again. */
  codeChunks(
    address: number,
    length: number,
    overlap: number,
  ): Iterable<{ readonly address: number; readonly data: Buffer }>;
  /** File offset of a virtual address that lies in a loaded segment. */
  fileOffset(address: number): number | undefined;
  /** Lowest virtual address of the executable segment's mapping and its file offset: enough to find the load bias in /proc/PID/maps. */
  readonly segments: readonly {
    readonly address: number;
    readonly fileOffset: number;
    readonly fileSize: number;
    readonly executable: boolean;
    readonly writable: boolean;
  }[];
  /** Gives back the memory of what was read; later questions read it again. */
  forget(): void;
  close(): void;
}
