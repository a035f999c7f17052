import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Puts the content in place of the file, readable for everybody: who reads it meanwhile, or after a crash, has either
 * the old one or the new one.
 * @throws what the system says; the old file is then as it was
 */
export function swapFile(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  // The same name again after a crash: nothing piles up. Agents in containers that share a folder may all have pid 1.
  const { ino: pidNamespace } = statSync("/proc/self/ns/pid");
  const aside = `${path}.${pidNamespace}.${process.pid}.new`;
  rmSync(aside, { force: true });
  try {
    writeSynced(aside, content);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

function writeSynced(path: string, content: Uint8Array): void {
  const fd = openSync(path, "wx", 0o644);
  try {
    writeFileSync(fd, content);
    fchmodSync(fd, 0o644);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
