import { createInterface } from "node:readline";
import { type Running, start } from "../../e2e/support/process.ts";

/** A running Go program that is told what to do, a line of JSON each, and answers each with one. */
export class ToldProgram<Job, Result> {
  readonly #process: Running;
  readonly #lines: AsyncIterator<string>;

  /** Its first line says that it is ready. */
  static async run<Job, Result>(path: string): Promise<ToldProgram<Job, Result>> {
    const program = new ToldProgram<Job, Result>(path);
    await program.#lines.next();
    return program;
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
    if (value === undefined) throw new Error(`the program has ended: ${this.#process.stderr().slice(-4000)}`);
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
