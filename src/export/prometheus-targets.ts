import type { Resource } from "@opentelemetry/resources";
import { labelsOf } from "./prometheus-names.ts";

/** Which of the attributes of a resource stand at each of its series, so that those of two targets are never one. */
const identity = ["service.name", "service.instance.id"] as const;

/**
 * Labels of each resource by which its series, and its target_info with all other attributes, are found. A user may
 * have given one service.instance.id to several processes: their ids are added then.
 */
export function identityLabels(resources: Iterable<Resource>): ReadonlyMap<Resource, readonly string[]> {
  const all = [...new Set(resources)].map((resource) => ({ resource, labels: pick(resource, identity) }));
  const occurrences = new Map<string, number>();
  for (const { labels } of all) {
    const text = labels.join();
    occurrences.set(text, (occurrences.get(text) ?? 0) + 1);
  }
  return new Map(
    all.map(({ resource, labels }) => {
      const isAlone = occurrences.get(labels.join()) === 1;
      return [resource, isAlone ? labels : pick(resource, [...identity, "process.pid"])];
    }),
  );
}

function pick({ attributes }: Resource, names: readonly string[]): string[] {
  return labelsOf(Object.fromEntries(names.map((name) => [name, attributes[name]])));
}
