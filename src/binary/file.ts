import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { missingFile, notAFile, unreadableFile } from "../report/binary.ts";
import { log } from "../report/log.ts";
import { BadBinary } from "./bad-binary.ts";

/** A page costs one pread; 32 KB of a file in the page cache take about 8 µs here, 4 KB take 3 µs. */
const pageSize = 8 * 1024;
/** 4 MB: all that a 20 MB server needs again and again fits. */
const maxPages = 512;
/** Longest single value that is read in one piece; machine code of a function is the longest there is. */
const maxLength = 64 * 1024 * 1024;
/** A multiple of 8 (words) and of 24 (entries of relocations and symbols): no entry is cut in two. */
const chunkSize = 768 * 1024;

/** A file that is read where it is asked for, through a small cache of pages. Memory doesn't grow with its size. */
export class BinaryFile {
  /** What messages call it. */
  readonly path: string;
  readonly size: number;
  /** Counts all bytes that were read, those that were read again too. */
  bytesRead = 0;
  /** Counts pages whose memory was taken for others: a page from `window` is valid as long as this stays. */
  evictions = 0;
  #fd: number;
  readonly #pages = new Map<number, Buffer>();
  #lastIndex = -1;
  #lastPage: Buffer = Buffer.alloc(0);

  constructor(path: string, name = path) {
    this.path = name;
    this.#fd = open(path, name);
    const stat = fstatSync(this.#fd);
    this.size = stat.size;
    if (stat.isFile()) return;
    this.close();
    throw notAFile(name);
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    this.forget();
  }

  /** Gives back the memory of what was read. It is read again when it is asked for again. */
  forget(): void {
    if (this.#pages.size > 0)
      log.debug(`${this.path} (${this.size} bytes): ${this.bytesRead} bytes read so far, some of them twice`);
    this.#pages.clear();
    this.evictions++;
    this.#spareChunk = undefined;
    this.#lastIndex = -1;
    this.#lastPage = Buffer.alloc(0);
  }

  /** A copy of bytes of the file. */
  bytes(offset: number, length: number): Buffer {
    if (!(length >= 0 && length <= maxLength)) throw new BadBinary(`a piece of ${length} bytes`);
    const bytes = Buffer.allocUnsafe(length);
    if (length === 0 || length > pageSize) return this.#readInto(bytes, offset);
    const { page, at } = this.window(offset);
    if (at + length > page.length) return this.#readInto(bytes, offset);
    page.copy(bytes, 0, at, at + length);
    return bytes;
  }

  /** The page that holds `offset`, and where in it, for numbers without a copy. See `evictions`. */
  window(offset: number): { readonly page: Buffer; readonly at: number } {
    const index = Math.floor(offset / pageSize);
    return { page: this.#page(index), at: offset - index * pageSize };
  }

  /** The range in pieces, each repeating the last `overlap` bytes of the one before. The buffer is used again. */
  *chunks(
    offset: number,
    length: number,
    overlap = 0,
  ): Generator<{ readonly offset: number; readonly data: Buffer }> {
    const end = offset + length;
    if (overlap >= chunkSize / 2) throw new BadBinary(`a search for ${overlap} bytes`);
    // One buffer for all searches: new ones would make the garbage collector run at every few. A search in a search
    // gets its own.
    const buffer = this.#spareChunk ?? Buffer.allocUnsafeSlow(chunkSize);
    this.#spareChunk = undefined;
    try {
      for (let at = offset; at < end; ) {
        const data = buffer.subarray(0, Math.min(buffer.length, end - at));
        yield { offset: at, data: this.#readInto(data, at) };
        if (at + data.length >= end) return;
        at += data.length - overlap;
      }
    } finally {
      this.#spareChunk = buffer;
    }
  }
  #spareChunk: Buffer | undefined;

  #page(index: number): Buffer {
    if (index === this.#lastIndex) return this.#lastPage;
    let page = this.#pages.get(index);
    if (!page) {
      const offset = index * pageSize;
      const length = Math.min(pageSize, this.size - offset);
      if (!(offset >= 0 && length > 0)) throw new BadBinary(`offset ${offset} is outside the file`);
      page = this.#readInto(this.#freePage().subarray(0, length), offset);
      this.#pages.set(index, page);
    }
    this.#lastIndex = index;
    this.#lastPage = page;
    return page;
  }

  /** The oldest page's memory when the cache is full. */
  #freePage(): Buffer {
    const oldest = this.#pages.entries().next().value;
    if (!oldest || this.#pages.size < maxPages) return Buffer.allocUnsafeSlow(pageSize);
    this.#pages.delete(oldest[0]);
    this.#lastIndex = -1;
    this.evictions++;
    return Buffer.from(oldest[1].buffer);
  }

  #readInto(buffer: Buffer, offset: number): Buffer {
    if (!(offset >= 0 && offset + buffer.length <= this.size)) {
      throw new BadBinary(`offset ${offset} and ${buffer.length} bytes are outside the file`);
    }
    for (let done = 0; done < buffer.length; ) {
      const count = this.#read(buffer, done, offset + done);
      if (count === 0) throw new BadBinary("the file became shorter while it was read");
      done += count;
      this.bytesRead += count;
    }
    return buffer;
  }

  #read(buffer: Buffer, at: number, offset: number): number {
    try {
      return readSync(this.#fd, buffer, at, buffer.length - at, offset);
    } catch (error) {
      throw unreadableFile(this.path, (error as NodeJS.ErrnoException).code ?? String(error));
    }
  }
}

function open(path: string, name: string): number {
  try {
    // Without O_NONBLOCK a named pipe would hold the command until someone writes to it.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw code === "ENOENT" || code === "ENOTDIR" ? missingFile(name) : unreadableFile(name, code);
  }
}
