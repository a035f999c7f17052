import { askTool } from "./tool.ts";

export interface LayoutRequest {
  /** Directory whose src/ holds the standard library, or the part of it that is needed. */
  readonly goroot: string;
  readonly goarch: "amd64" | "arm64";
  /** Module path → directory. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Version of Go whose build constraints count, for example "1.19"; that of goroot when left out. */
  readonly goversion?: string;
  /** Full names, for example "net/http.Request". */
  readonly structs?: readonly string[];
  /** Full names, for example "internal/abi.Pointer". */
  readonly constants?: readonly string[];
  /** Changes to goroot's default experiments, for example "noswissmap". */
  readonly experiments?: readonly string[];
}

/** In the sources, relative to goroot or to the module's directory. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface FieldLayout extends Place {
  /** Bytes. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
}

export interface StructLayout extends Place {
  /** Bytes. */
  readonly size: number;
  readonly fields: Readonly<Record<string, FieldLayout>>;
}

export interface LayoutAnswer {
  readonly structs: Readonly<Record<string, StructLayout>>;
  readonly constants: Readonly<Record<string, Place & { readonly value: string }>>;
  /** Names that the sources don't have. */
  readonly missing: readonly string[];
  /** Structs that are there but hold types which can't be known, most often for want of a package. */
  readonly unresolved: readonly string[];
  /** Packages that are imported and not there: those that the unresolved structs depend on, if it can be told. */
  readonly absent: readonly string[];
}

/** Layouts and constants as the gc compiler has them, from sources alone: see main.go. */
export function goLayout(request: LayoutRequest): Promise<LayoutAnswer> {
  return askTool(import.meta.dirname, request);
}
