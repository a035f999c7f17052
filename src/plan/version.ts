import { releasesOf, valueAt } from "../binary/go-facts/fact.ts";
import { registers } from "../binary/go-facts/registers.ts";
import type { Architecture, GoVersion } from "../binary/types.ts";

/** Whether a Go version is before `since`, given as "1.22". */
export function isOlder(version: GoVersion, since: string): boolean {
  const [major = 0, minor = 0] = since.split(".").map(Number);
  return version.major < major || (version.major === major && version.minor < minor);
}

/** First version of Go whose functions take their arguments in registers. */
export const registersSince: Readonly<Record<Architecture, string>> = {
  amd64: firstRelease(registers.amd64.arguments.says),
  arm64: firstRelease(registers.arm64.arguments.says),
};

function firstRelease(says: unknown): string {
  return `1.${releasesOf(says).find((release) => valueAt(says, release) !== undefined)}`;
}

/**
 * The version from which on arguments are in registers, when this program passes them on the stack: it is older, or
 * was built with GOEXPERIMENT=noregabi, which stands behind the version ("go1.18.10 X:noregabiargs").
 */
export function argumentsOnStack(version: GoVersion, arch: Architecture): string | undefined {
  const since = registersSince[arch];
  return isOlder(version, since) || /\bnoregabi(args)?\b/.test(version.text) ? since : undefined;
}
