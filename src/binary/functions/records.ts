import { bounded } from "../bad-binary.ts";
import type { Memory } from "../memory.ts";
import type { Slice } from "../moduledata.ts";
import { WordSet } from "../word-set.ts";

/** Each costs a search in the table; more numbers that equal an offset by chance are a file made to be slow. */
const maxRecords = 100_000;

/**
 * Addresses of the table's words that hold one of these offsets of names: in records of functions, and now and then a
 * number that equals one by chance. Records lie one after the other but differ in length, so each word is looked at,
 * which is five times faster than going to each record (88,000 records, 8 MB: 10 ms).
 */
export function* recordsOf(
  memory: Memory,
  { address: start, length }: Slice,
  nameOffsets: Iterable<number>,
): Generator<number> {
  const words = new WordSet(nameOffsets);
  let count = 0;
  for (const { address, data } of memory.chunks(start, length)) {
    for (const index of words.placesIn(data)) {
      bounded(++count, maxRecords, "the number of functions of a name");
      yield address + index * 4;
    }
  }
}
