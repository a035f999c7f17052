import { join } from "node:path";
import { type Running, start } from "../../../e2e/support/process.ts";
import { buildGo } from "../../../fixtures/go-binaries.ts";
import { pythonWithGrpc } from "../../../fixtures/grpcio.ts";
import { ToldProgram } from "../../support/told-program.ts";

/** What the program in test/propagation/grpc/calls is told, see there. */
export interface Job {
  readonly Address: string;
  readonly Connection?: string;
  readonly Fresh?: boolean;
  readonly WriteBuffer?: number;
  readonly SendBuffer?: number;
  readonly Count?: number;
  readonly Concurrency?: number;
  readonly Flag?: "u" | "c";
  readonly TraceState?: string;
  readonly Baggage?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly Varied?: number;
  readonly Bytes?: number;
  readonly Messages?: number;
  readonly Pong?: boolean;
  readonly Tell?: boolean;
  readonly UntilLine?: boolean;
}

/** What the server has seen of a call. */
export interface Arrived {
  readonly Method: string;
  readonly Metadata: Readonly<Record<string, readonly string[]>>;
}

export interface Result {
  readonly OK: number;
  /** Calls whose only traceparent is that of their id, and that have none. */
  readonly Carried: number;
  readonly Bare: number;
  /** Texts; null for none. */
  readonly Wrong: readonly string[] | null;
  readonly Failed: readonly string[] | null;
  readonly Arrived: readonly Arrived[] | null;
}

/** Path of the program. */
export async function buildCalls(): Promise<string> {
  return await buildGo({
    go: "1.26.8",
    source: join(import.meta.dirname, "../calls"),
    flags: ["-ldflags=-s -w"],
  });
}

export type Peer = "grpc-go" | "the C core" | "Node's HTTP/2";

async function commandOf(peer: Peer): Promise<readonly [string, ...string[]]> {
  const peers = join(import.meta.dirname, "../peers");
  if (peer === "the C core") return [await pythonWithGrpc(), join(peers, "answer.py")];
  if (peer === "Node's HTTP/2") return [process.execPath, join(peers, "answer.mjs")];
  return [await buildCalls(), "serve"];
}

/** A gRPC server that answers with what has arrived. */
export class Answering {
  readonly address: string;
  readonly #process: Running;

  static async run(peer: Peer = "grpc-go"): Promise<Answering> {
    const [file, ...args] = await commandOf(peer);
    const process = start(file, args);
    const [address] = await process.waitFor(/127\.0\.0\.1:\d+/);
    return new Answering(process, address);
  }

  private constructor(process: Running, address: string) {
    this.#process = process;
    this.address = address;
  }

  stop() {
    return this.#process.stop("SIGKILL");
  }
}

/** A running program that makes calls. */
export type Calling = ToldProgram<Job, Result>;

export async function startCalling(): Promise<Calling> {
  return ToldProgram.run(await buildCalls());
}
