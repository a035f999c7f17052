import { tryRead } from "./proc.ts";

/** man 7 user_namespaces: the initial one maps all 2^32 - 1 ids to themselves. */
const initialMap = /^\s*0\s+0\s+4294967295\s*$/;

/** Else capabilities count for what belongs to that namespace, and BPF doesn't. */
export function inInitialUserNamespace(): boolean {
  return initialMap.test(tryRead("/proc/self/uid_map", 4096)?.toString() ?? "");
}
