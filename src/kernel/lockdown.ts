import { tryRead } from "../target/proc.ts";

/**
 * "none", "integrity" or "confidentiality" (man 7 kernel_lockdown); undefined when the kernel doesn't say: securityfs
 * need not be mounted, and not every kernel has the module.
 */
export function lockdownMode(): string | undefined {
  const modes = tryRead("/sys/kernel/security/lockdown", 4096)?.toString() ?? "";
  return /\[(\w+)\]/.exec(modes)?.[1];
}
