// man 5 proc_pid_maps

import { readlinkSync } from "node:fs";
import { readBounded } from "./proc.ts";
import type { Target } from "./target.ts";

/** A part of a process's memory that shows a file. Addresses fit in 53 bits: user space ends below 2^48. */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly executable: boolean;
  readonly fileOffset: number;
  readonly device: bigint;
  readonly inode: bigint;
  readonly path: string;
}

/** vm.max_map_count allows 65,530 mappings by default, of about 100 bytes each. */
const mapsLimit = 16 << 20;

const line = /^([0-9a-f]+)-([0-9a-f]+) ..(.). ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+)\s*(.*)$/;

/**
 * The process's mappings of files, in address order; anonymous memory is left out.
 * @throws the file system's error when the process has ended or may not be looked at
 */
export function readMappings(pid: number): Mapping[] {
  return parseMappings(readBounded(`/proc/${pid}/maps`, mapsLimit).toString());
}

/** The same from the text of /proc/PID/maps. */
export function parseMappings(text: string): Mapping[] {
  return text.split("\n").flatMap(parseLine);
}

function parseLine(text: string): Mapping[] {
  const [, start = "", end = "", execute, offset = "", major = "", minor = "", inode = "0", path = ""] =
    line.exec(text) ?? [];
  if (inode === "0") return [];
  return [
    {
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      executable: execute === "x",
      fileOffset: Number.parseInt(offset, 16),
      device: makeDevice(Number.parseInt(major, 16), Number.parseInt(minor, 16)),
      inode: BigInt(inode),
      path,
    },
  ];
}

/** stat's st_dev out of major and minor: glibc's gnu_dev_makedev. */
function makeDevice(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (
    ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn)
  );
}

/**
 * The mappings of the target's own executable. On overlayfs and btrfs the device and inode of /proc/PID/maps are
 * not those of stat, so the path decides where they give nothing.
 */
export function executableMappings(target: Target): Mapping[] {
  const mappings = readMappings(target.pid);
  const byInode = mappings.filter(({ device, inode }) => device === target.device && inode === target.inode);
  if (byInode.length > 0) return byInode;
  const path = readlinkSync(target.exeLink);
  return mappings.filter((mapping) => mapping.path === path);
}

/** As in an ELF program header of type PT_LOAD. */
export interface Segment {
  readonly address: number;
  readonly fileOffset: number;
  readonly fileSize: number;
  readonly executable: boolean;
}

/**
 * What is to be added to the file's virtual addresses to get the process's: 0 unless the executable is
 * position-independent. Undefined when no executable mapping shows an executable segment.
 */
export function loadBias(mappings: readonly Mapping[], segments: readonly Segment[]): number | undefined {
  for (const segment of segments.filter(({ executable }) => executable)) {
    const mapping = mappings.find((candidate) => candidate.executable && overlap(candidate, segment));
    if (mapping) return mapping.start - mapping.fileOffset - (segment.address - segment.fileOffset);
  }
  return undefined;
}

function overlap(mapping: Mapping, segment: Segment): boolean {
  const mappingEnd = mapping.fileOffset + (mapping.end - mapping.start);
  return mapping.fileOffset < segment.fileOffset + segment.fileSize && segment.fileOffset < mappingEnd;
}
