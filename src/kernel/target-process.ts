/** How a program in the kernel knows the target: ebpf/propagation/socket/process.h. */
import { readlinkSync } from "node:fs";
import { encodeProcessPath } from "../generated/shared.ts";
import { kernelOffsets } from "./kernel-fields.ts";

/** Inode number of the initial PID namespace: PROC_PID_INIT_INO of include/linux/proc_ns.h. */
const initialNamespace = 0xeffffffc;

/** Values of the program's constants; a text says why the process can't be told from others. */
export function processConstants(pid: number): ReadonlyMap<string, Buffer> | string {
  const namespace = ownNamespace();
  if (inInitialPidNamespace()) return new Map([["process", u32(pid)]]);
  const path = kernelOffsets({
    taskSignal: ["task_struct", "signal"],
    signalPids: ["signal_struct", "pids"],
    pidLevel: ["pid", "level"],
    pidNumbers: ["pid", "numbers"],
    idNumber: ["upid", "nr"],
    idNamespace: ["upid", "ns"],
    namespaceCommon: ["pid_namespace", "ns"],
    commonInode: ["ns_common", "inum"],
  });
  if (typeof path === "string") return path;
  return new Map([
    ["process", u32(pid)],
    ["process_namespace", u32(namespace)],
    ["process_path", encodeProcessPath(path)],
  ]);
}

/** Whether pids mean the same to this process and to the host. */
export function inInitialPidNamespace(): boolean {
  return ownNamespace() === initialNamespace;
}

/** Of the link's text, "pid:[4026531836]". */
function ownNamespace(): number {
  return Number(/\[(\d+)\]/.exec(readlinkSync("/proc/self/ns/pid"))?.[1]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
