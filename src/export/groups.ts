import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { SpanRecord } from "../spans/types.ts";

/** What is collected of the spans of one scope of one resource. */
export interface Group<Content> {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly content: Content;
}

/** Spans by resource and scope, as OTLP nests them. Both are told apart by identity. */
export class SpanGroups<Content> {
  readonly #create: () => Content;
  #groups: Group<Content>[] = [];
  #latest: Group<Content> | undefined;

  constructor(create: () => Content) {
    this.#create = create;
  }

  contentOf({ resource, scope }: SpanRecord): Content {
    const latest = this.#latest;
    if (latest?.resource === resource && latest.scope === scope) return latest.content;
    let group = this.#groups.find((other) => other.resource === resource && other.scope === scope);
    if (group === undefined) {
      group = { resource, scope, content: this.#create() };
      this.#groups.push(group);
    }
    this.#latest = group;
    return group.content;
  }

  /** The groups of each resource. */
  byResource(): ReadonlyMap<Resource, readonly Group<Content>[]> {
    const resources = new Map<Resource, Group<Content>[]>();
    for (const group of this.#groups) {
      const groups = resources.get(group.resource);
      if (groups) groups.push(group);
      else resources.set(group.resource, [group]);
    }
    return resources;
  }

  /** Forgets groups, so that targets that ended leave nothing behind. */
  keepOnly(wanted: (content: Content) => boolean): void {
    this.#groups = this.#groups.filter(({ content }) => wanted(content));
    this.#latest = undefined;
  }
}
