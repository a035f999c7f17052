import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";

/** The keys of a config file as they nest: a setting, or a section of more keys. */
export interface KeySection {
  readonly keys: Map<string, Setting | KeySection>;
}

export function isSection(entry: Setting | KeySection): entry is KeySection {
  return "keys" in entry && entry.keys instanceof Map;
}

/** The tree of all keys that the table of settings has. */
export function keyTree(): KeySection {
  const root: KeySection = { keys: new Map() };
  for (const setting of Object.values<Setting>(settings))
    for (const key of setting.keys) {
      const sections = key.split(".");
      const last = sections.pop() ?? "";
      sections.reduce(sectionIn, root).keys.set(last, setting);
    }
  return root;
}

function sectionIn(parent: KeySection, name: string): KeySection {
  const found = parent.keys.get(name);
  if (found && isSection(found)) return found;
  const section: KeySection = { keys: new Map() };
  parent.keys.set(name, section);
  return section;
}
