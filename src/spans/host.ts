import { hostname } from "node:os";
import { tryRead } from "../target/proc.ts";
import type { ResourceFacts } from "./resource.ts";

/** What `resourceOf` needs from this machine besides the target. */
export function readHost(pid: number): Pick<ResourceFacts, "host" | "mountinfo"> {
  return {
    host: { name: hostname(), bootId: text("/proc/sys/kernel/random/boot_id").trim() },
    mountinfo: text(`/proc/${pid}/mountinfo`),
  };
}

function text(path: string): string {
  return tryRead(path, 256 * 1024)?.toString("utf8") ?? "";
}
