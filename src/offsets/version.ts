import parse from "semver/functions/parse.js";
import type { BuildInfo, GoModule, GoVersion } from "../binary/types.ts";

/** A version as offsets.json has it, for example "1.26.8", "1.27.0-rc.1", "0.0.0-20210226172049-e18ecbb05110". */
export interface CodeVersion {
  readonly text: string;
  /** False when the code may differ from what was published under this version: a fork, a local folder, a build of Go's own repository. */
  readonly published: boolean;
}

/** The version of the code that a package of the program was compiled from; undefined when the program doesn't say. */
export function versionOf(module: string, buildInfo: BuildInfo): CodeVersion | undefined {
  if (module === "std") return goVersion(buildInfo.goVersion);
  const found = buildInfo.modules.find(({ path }) => path === module);
  return found && moduleVersion(found);
}

/** "go1.21" of 2023 is the first 1.21; "devel go1.24-1f2e3d", or as later ones say "go1.28-devel_1f2e3d", is from before that release. */
function goVersion({ text, major, minor, patch }: GoVersion): CodeVersion {
  const devel = /\bdevel/.test(text);
  const [, kind, number] = /go[\d.]+(alpha|beta|rc)(\d+)/.exec(text) ?? [];
  const prerelease = devel ? "-0" : kind ? `-${kind}.${number}` : "";
  return { text: `${major}.${minor}.${patch}${prerelease}`, published: !devel };
}

function moduleVersion({ path, version, replacedBy }: GoModule): CodeVersion | undefined {
  const own = replacedBy?.path === path ? replacedBy.version : version;
  const text = parse(own)?.version;
  return text === undefined ? undefined : { text, published: !replacedBy || replacedBy.path === path };
}
