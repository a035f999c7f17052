import { tryRead } from "../target/proc.ts";

/** Bytes. The kernel takes no more than 6 MiB of arguments and environment (man 2 execve). */
const maxCommandLine = 6 << 20;

/**
 * The last words of this process's command line as they were given. Node hands them out as text, in which bytes that
 * are not UTF-8 (a file's name may have them) have become "�".
 */
export function bytesOf(words: readonly string[]): readonly Uint8Array[] {
  const given = split(tryRead("/proc/self/cmdline", maxCommandLine) ?? Buffer.of()).slice(-words.length);
  return words.map((word, index) => {
    const bytes = given[index];
    return given.length === words.length && bytes?.toString() === word ? bytes : Buffer.from(word);
  });
}

/** Each word ends in a NUL. */
function split(text: Buffer): Buffer[] {
  const words: Buffer[] = [];
  for (let from = 0, end = text.indexOf(0); end >= 0; from = end + 1, end = text.indexOf(0, from))
    words.push(text.subarray(from, end));
  return words;
}
