import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { BadOffsets, maxOffsetsSize, tooLarge } from "./table.ts";

/**
 * The whole of a regular file, in bytes.
 * @throws BadOffsets when it is none or larger than the limit, and what the system says
 */
export function readBounded(path: string, limit: number = maxOffsetsSize): Buffer {
  // A FIFO without a writer would block the open.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new BadOffsets("it is no regular file");
    const buffer = Buffer.allocUnsafe(limit + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size < buffer.length; size += read)
      read = readSync(fd, buffer, size, buffer.length - size, null);
    if (size > limit) throw tooLarge(limit);
    return Buffer.from(buffer.subarray(0, size));
  } finally {
    closeSync(fd);
  }
}
