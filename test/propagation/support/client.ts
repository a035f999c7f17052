import { join } from "node:path";
import { createInterface } from "node:readline";
import { start } from "../../e2e/support/process.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";

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
export class Client {
  readonly #process: ReturnType<typeof start>;
  readonly #lines: AsyncIterator<string>;

  static async run(): Promise<Client> {
    const client = new Client(await buildClient());
    await client.#lines.next();
    return client;
  }

  private constructor(path: string) {
    this.#process = start(path, [], { stdio: ["pipe", "pipe", "pipe"] });
    const input = this.#process.child.stdout as NodeJS.ReadableStream;
    this.#lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#process.pid;
  }

  begin(job: Job): void {
    this.#process.child.stdin?.write(`${JSON.stringify(job)}\n`);
  }

  /** For a job that runs until it is told to end. */
  end(): Promise<Result> {
    this.#process.child.stdin?.write("\n");
    return this.result();
  }

  async result(): Promise<Result> {
    const { value } = await this.#lines.next();
    return JSON.parse(value);
  }

  send(job: Job): Promise<Result> {
    this.begin(job);
    return this.result();
  }

  stop() {
    return this.#process.stop("SIGKILL");
  }
}
