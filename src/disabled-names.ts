/** Names under which a user disables libraries, and that no library has. */
import type { LiveSettings } from "./config/config.ts";
import { similarName } from "./config/similar.ts";
import { libraries } from "./generated/registry.ts";
import { isDisabled } from "./plan/plan.ts";
import { configWarning } from "./report/config.ts";

/** Names that are spoken of one by one: a variable may hold any number. */
const most = 5;

/** A warning for each name that no library has. */
export function unknownLibraries({
  disabledLibraries,
}: Pick<LiveSettings, "disabledLibraries">): readonly string[] {
  const unknown = [...new Set(disabledLibraries)].filter((name) => !isKnown(name)).slice(0, most);
  const paths = libraries.map(({ path }) => path);
  return unknown.map((name) => configWarning.libraryUnknown(name, paths, similarName(name, namesOf(paths))));
}

function isKnown(name: string): boolean {
  return libraries.some((library) => isDisabled(library, { disabled: [name] }));
}

/** What a path may be called: "net/http/server", "net/http", "http/server", "net", "http" and "server". */
function namesOf(paths: readonly string[]): readonly string[] {
  const names = paths.flatMap((path) => {
    const parts = path.split("/");
    return parts.flatMap((_, from) =>
      parts.slice(from).map((_, to) => parts.slice(from, from + to + 1).join("/")),
    );
  });
  return [...new Set(names)];
}
