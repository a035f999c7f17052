import { join } from "node:path";
import { buildGo } from "../../fixtures/go-binaries.ts";
import { ToldProgram } from "./told-program.ts";

/** What the program in test/propagation/client is told, see there. */
export interface Job {
  readonly Transport?: string;
  readonly Pool?: number;
  readonly WriteBuffer?: number;
  readonly URL: string;
  readonly Method?: string;
  readonly Count?: number;
  readonly Concurrency?: number;
  readonly Path?: string;
  readonly Query?: string;
  readonly Fragment?: string;
  readonly Headers?: Readonly<Record<string, string>>;
  readonly Body?: number;
  readonly BodyText?: string;
  readonly Chunked?: boolean;
  readonly SlowChunks?: boolean;
  readonly FromFile?: string;
  readonly Expect?: boolean;
  readonly Close?: boolean;
  readonly Download?: number;
  readonly UntilLine?: boolean;
}

export interface Result {
  readonly OK: number;
  /** Texts of errors; null for none. */
  readonly Failed: readonly string[] | null;
  /** The 16 characters of the first request. */
  readonly First: string;
}

/** Path of the program. */
export async function buildClient(): Promise<string> {
  return await buildGo({
    go: "1.26.8",
    source: join(import.meta.dirname, "../client"),
    flags: ["-ldflags=-s -w"],
  });
}

/** A running Go program that sends requests. */
export type Client = ToldProgram<Job, Result>;

export async function startClient(): Promise<Client> {
  return ToldProgram.run(await buildClient());
}
