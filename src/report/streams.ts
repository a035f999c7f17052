import { writeSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";

/**
 * For an agent that shares its stdout and stderr with an application that it starts; to be called before anything else
 * looks at them (the module assert does when it is loaded). Node's streams set a pipe to return instead of wait
 * (O_NONBLOCK) for every process that has it, and the application's writes would fail when their reader is slow. A
 * terminal Node opens for itself.
 */
export function shareStreams(): void {
  for (const [name, file] of [
    ["stdout", 1],
    ["stderr", 2],
  ] as const) {
    if (isatty(file)) continue;
    const stream = direct(file);
    Object.defineProperty(process, name, { get: () => stream, configurable: true });
  }
}

/** Waits for a slow reader. What can't be written is lost, as it is with the streams: a full disk, a closed pipe. */
function direct(file: number): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        writeSync(file, chunk);
      } catch {
        // See above.
      }
      done();
    },
  });
}
