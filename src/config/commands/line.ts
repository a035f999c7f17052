import type { Flags } from "../read.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** What a command line asks for. */
export type CommandLine =
  | { readonly command: "run"; readonly flags: Flags }
  /** `run -- WORDS`: starts what it traces. */
  | { readonly command: "launch"; readonly flags: Flags; readonly words: readonly string[] }
  | { readonly command: "dry-run"; readonly flags: Flags; readonly json: boolean }
  | { readonly command: "supported-versions"; readonly json: boolean }
  /** Of the flags, --pid is there when there is no file, and only then. */
  | {
      readonly command: "inspect";
      readonly flags: Flags;
      readonly file: string | undefined;
      readonly json: boolean;
      /** Functions are listed whose names this fits, in place of what would be traced. */
      readonly functions: string | undefined;
    }
  | { readonly command: "doctor"; readonly flags: Flags; readonly json: boolean }
  | { readonly command: "update-offsets"; readonly flags: Flags }
  | { readonly command: "completion"; readonly shell: Shell }
  /** Help or version were asked for and stand on stdout already. */
  | { readonly command: "nothing" };

/** What a command calls with what it was asked for. */
export type Found = (line: CommandLine) => void;
