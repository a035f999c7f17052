/** What this room uses of elfy 1.0.0, which ships no types. */
declare module "elfy" {
  interface Header {
    readonly body: {
      readonly programs: readonly Program[];
      readonly sections: readonly Section[];
    };
  }
  interface Program {
    /** Name such as "load"; undefined for a type that elfy doesn't know. */
    readonly type: string | undefined;
    readonly offset: number;
    readonly vaddr: number;
    readonly filesz: number;
    readonly memsz: number;
    readonly flags: Readonly<Record<string, true>>;
  }
  interface Section {
    readonly name: string;
    readonly type: string | number;
    /** Keyed by name ("alloc") or, for a flag that elfy doesn't know, by its value ("2048"). */
    readonly flags: Readonly<Record<string, true>>;
    readonly addr: number;
    readonly off: number;
    readonly size: number;
    readonly link: number;
  }
  const elfy: { parse(file: Buffer): Header };
  export default elfy;
}
