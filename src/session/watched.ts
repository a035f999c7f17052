/** What is watched in a target, in words and numbers, for the case that nothing of it runs. */
import type { BuildInfo } from "../binary/types.ts";
import { libraries } from "../generated/registry.ts";
import { notTracedAmong } from "../libraries/not-traced.ts";
import type { Attachment } from "../plan/types.ts";
import type { Watched } from "./silence.ts";

interface Found {
  readonly pid: number;
  readonly buildInfo: BuildInfo;
  /** Those whose programs are attached. */
  readonly attached: readonly Attachment[];
  /** How often a library's programs have counted anything. */
  readonly hits: (library: string) => number;
}

export function watchedOf({ pid, buildInfo, attached, hits }: Found): Watched {
  return {
    pid,
    libraries: attached
      .filter(({ library }) => library.toSpan && !library.needsOthers)
      .map((attachment) => ({
        name: attachment.library.name,
        functions: functionsOf(attachment),
        hits: () => hits(attachment.library.name),
        tryOut: attachment.library.tryOut,
      })),
    notTraced: modulesNotTraced(buildInfo),
    profile: buildInfo.settings.has("-pgo"),
  };
}

/** Modules of a program that carry requests beside what is traced. */
export function modulesNotTraced({ modules }: BuildInfo): readonly string[] {
  return notTracedAmong(
    modules.map(({ path }) => path),
    libraries.map(({ module }) => module),
  );
}

/** Functions at whose entry a probe sits; what begins a span is attached last, and stands first here. */
function functionsOf({ findings }: Attachment): readonly string[] {
  const entries = findings.probes.filter(
    ({ spec, reason }) => spec.site.at === "entry" && reason === undefined,
  );
  return [...new Set(entries.flatMap(({ sites }) => sites.map((site) => site.function.name)))].reverse();
}
