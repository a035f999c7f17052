import type { GoVersion } from "../binary/types.ts";

/** Whether a Go version is before `since`, given as "1.22". */
export function isOlder(version: GoVersion, since: string): boolean {
  const [major = 0, minor = 0] = since.split(".").map(Number);
  return version.major < major || (version.major === major && version.minor < minor);
}
