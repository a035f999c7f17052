import parse from "semver/functions/parse.js";
import { releasesOf, valueAt } from "../binary/go-facts/fact.ts";
import { registers } from "../binary/go-facts/registers.ts";
import type { Architecture, GoModule, GoVersion } from "../binary/types.ts";

/** Whether a Go version is before `since`, given as "1.22". */
export function isOlder(version: GoVersion, since: string): boolean {
  const [major = 0, minor = 0] = since.split(".").map(Number);
  return version.major < major || (version.major === major && version.minor < minor);
}

/**
 * Whether a module's code is of a version before `since`, given as "1.8.0". Not when nothing tells its version: a local
 * folder, or a commit of a repository without versions, "v0.0.0-20210226172049-e18ecbb05110".
 */
export function isModuleOlder(module: GoModule, since: string): boolean {
  const used = parse(ownVersion(module));
  const isCommit = used?.prerelease.length !== 0 && used?.compareMain("0.0.0") === 0;
  return used !== null && !isCommit && used.compareMain(since) < 0;
}

/** A fork's versions are not the module's: there the version counts that the fork stands in for. */
export function ownVersion({ path, version, replacedBy }: GoModule): string {
  return replacedBy?.path === path ? replacedBy.version : version;
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
