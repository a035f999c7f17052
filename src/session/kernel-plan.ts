import type { Config } from "../config/config.ts";
import { encodeReturnSite, ReturnKind } from "../generated/shared.ts";
import {
  type BpfMap,
  type KernelFeatures,
  type ObjectPlan,
  readObject,
  type SessionPlan,
  u32,
  u64,
} from "../kernel/index.ts";
import type { Library, Tier } from "../libraries/descriptor.ts";
import { type ContextRule, contextRuleEntries, hasApplicationSpans, hasMadeSpans } from "../plan/contexts.ts";
import type { FoundSite } from "../plan/site-found.ts";
import type { Attachment } from "../plan/types.ts";
import type { Target } from "../target/target.ts";
import { wantedHeaderEntries } from "./captured-headers.ts";
import { ruleMaps } from "./function-rules.ts";
import { programsFor } from "./programs-for.ts";
import { samplingEntries } from "./sampling.ts";

/**
 * Bytes of the ring of a target beside `others` that are traced already. A record is some 300 bytes: the first has room
 * for half a second of 50,000 requests a second. Further ones share their load with it, and a container's memory.
 */
export function ringSizeBeside(others: number): number {
  return others === 0 ? 8 << 20 : 2 << 20;
}

/**
 * Spans that an application has made and that are open or still in a context; of 250 bytes each in the kernel. When
 * there are more, the one that was not used for the longest time goes.
 */
const madeSpans = 16_384;

/**
 * Of goroutines that requests start: ebpf/include/goroutines.h. As many have spans as can be under way; for as many it is
 * known what they have served, of 600 bytes each.
 */
const goroutineEntries = { goroutine_spans: 8192, goroutine_functions: 1024, ended_spans: 2048 };

/** Maps that belong to all libraries of a target. */
const sharedMaps = [
  "events",
  "counters",
  "settings",
  "path_rules",
  "context_rules",
  "request_contexts",
  "open_requests",
  "open_spans",
  "started_goroutines",
  "goroutine_spans",
  "goroutine_functions",
  "ended_spans",
  "acknowledged_places",
  "made_spans",
  "return_sites",
  "outgoing_settings",
  "outgoing_counts",
  "write_counts",
  "message_counts",
  "slot_settings",
  "slot_owners",
  "slots_by_goid",
  "http_routes",
  "wanted_headers",
  "late_attached",
  "kafka_sends",
  "kafka_messages",
  ...ruleMaps,
];

/** What is known of a target as a whole, and not of one library. Addresses are those of its memory. */
export interface TargetFacts {
  /** Bytes. */
  readonly ringSize: number;
  readonly loadBias: number;
  readonly contextRules: readonly ContextRule[];
  /** Of runtime.sched.goidgen. */
  readonly goidGenerator: number | undefined;
  /** How trace context can be written out here. */
  readonly tiers: ReadonlySet<Tier>;
  /** What their programs hand context over in. */
  readonly outgoingMaps: ReadonlyMap<string, BpfMap>;
  /** Goroutines' links or spans are wanted, or may be later. */
  readonly followsGoroutines: boolean;
  /** Headers are wanted, or may be later. */
  readonly capturesHeaders: boolean;
  /** What the maps of the user's rules hold at first. */
  readonly ruleEntries: NonNullable<SessionPlan["mapEntries"]>;
}

/**
 * What the kernel room has to load and attach for these libraries. A library's id is its place among `attachments`;
 * those that are not among `first` may be attached later, by `planObject`.
 */
export function kernelPlan(
  target: Target,
  attachments: readonly Attachment[],
  first: ReadonlySet<Attachment>,
  facts: TargetFacts,
  config: Config,
  features: KernelFeatures,
): SessionPlan {
  return {
    pid: target.pid,
    exe: target.exeLink,
    sharedMaps,
    existingMaps: facts.outgoingMaps,
    mapEntries: new Map([
      ...Object.entries(samplingEntries(config)),
      ["wanted_headers", wantedHeaderEntries(config.live.capturedHeaders)],
      ["context_rules", contextRuleEntries(facts.contextRules, facts.loadBias)],
      ...facts.ruleEntries,
      [
        "return_sites",
        attachments
          .filter(({ library }) => library.returnSites === undefined)
          .flatMap(({ returnSites }) => returnEntries(returnSites, facts.loadBias)),
      ],
    ]),
    objects: attachments.flatMap((attachment) =>
      first.has(attachment) ? (planObject(attachments, attachment, facts, features) ?? []) : [],
    ),
  };
}

/** One library's object; undefined when there is nothing that it could do here. */
export function planObject(
  attachments: readonly Attachment[],
  attachment: Attachment,
  facts: TargetFacts,
  features: KernelFeatures,
): ObjectPlan | undefined {
  const id = attachments.indexOf(attachment);
  const { library, globals } = attachment;
  const programs = programsFor(attachment, facts.tiers);
  if (programs === undefined) return undefined;
  return {
    name: library.name,
    ...(library.oldestKernel ? { oldestKernel: library.oldestKernel } : {}),
    bytes: readObject(process.arch === "x64" ? "amd64" : "arm64", library.path, features.privateStack),
    globals: new Map([
      ...globals,
      ["library_id", u32(id)],
      ["wake_at", u32(facts.ringSize / 2)],
      ["entry_is_stack_check", entryIsStackCheck(attachment)],
      ...openSpanGlobals(library, facts),
      ...returnGlobals(library),
      ...routeGlobals(library, attachments),
      ...headerGlobals(library, facts),
    ]),
    maxEntries: new Map([
      ["events", facts.ringSize],
      ["made_spans", hasMadeSpans(facts.contextRules) ? madeSpans : 1],
      ...(facts.followsGoroutines ? Object.entries(goroutineEntries) : []),
    ]),
    programs: programs.map((program) => (program.late ? { ...program, sites: [], learned: true } : program)),
  };
}

/** The same with the places of callers that were learned before it was attached anew. */
export function withLearned(
  plan: ObjectPlan,
  attachment: Attachment,
  sites: readonly FoundSite[],
): ObjectPlan {
  const learning = attachment.programs.find(({ learned }) => learned)?.program;
  const programs = plan.programs.map((each) =>
    each.program === learning ? { ...each, sites: [...each.sites, ...sites] } : each,
  );
  return { ...plan, programs };
}

/** Keys and values of the map `return_sites`. */
function returnEntries(kinds: Attachment["returnSites"], loadBias: number) {
  return [...kinds].map(([address, kind]) => ({
    key: u64(address + loadBias),
    value: encodeReturnSite({ kind: ReturnKind[kind] }),
  }));
}

/** Constants of ebpf/include/open_span.h, for libraries that use it. */
function openSpanGlobals({ fields }: Library, facts: TargetFacts): readonly (readonly [string, Buffer])[] {
  if (!("g_parent_goid" in fields)) return [];
  return [
    ["application_spans", Buffer.from([Number(hasApplicationSpans(facts.contextRules))])],
    ["goid_generator", u64(facts.goidGenerator ?? 0)],
  ];
}

/** Constants of ebpf/include/return_site.h, for libraries that use it. */
function returnGlobals({ fields, probes }: Library): readonly (readonly [string, Buffer])[] {
  const returns =
    "g_stack" in fields && probes.some(({ site }) => site.at === "return" && site.callers !== "itself");
  return returns ? [["ends_at_callers", Buffer.from([Number(process.arch === "x64")])]] : [];
}

/**
 * Constants of net/http's server: whether another library looks for its requests, and whether one tells it routes
 * (ebpf/include/http_route.h), or would.
 */
function routeGlobals({ fields }: Library, attachments: readonly Attachment[]) {
  if (!("request_pattern" in fields)) return [];
  const others = attachments.filter(({ library }) => library.fields !== fields);
  // Rules that may come later have no programs yet.
  const hasChildren = others.some(
    ({ programs }) => programs.length === 0 || programs.some(({ late }) => !late),
  );
  const routers = attachments.filter(({ library: { toRoute } }) => toRoute !== undefined);
  const hasRouters = routers.some(({ programs }) => programs.some(({ late }) => !late));
  const muxCanTell = routers.some(({ programs }) => programs.some(({ late }) => late));
  return [
    ["has_children", Buffer.from([Number(hasChildren)])],
    ["has_routers", Buffer.from([Number(hasRouters)])],
    ["mux_can_tell", Buffer.from([Number(muxCanTell)])],
  ] as const;
}

/** Constants of ebpf/include/go_header.h, for libraries that use it. */
function headerGlobals({ maps }: Library, { capturesHeaders }: TargetFacts) {
  return "header_map" in maps
    ? ([["captures_headers", Buffer.from([Number(capturesHeaders)])]] as const)
    : [];
}

/**
 * Whether entry probes sit on the stack check's branch: the plan lets all of an object do so, or none. Of what is only
 * found later they do on arm64.
 */
function entryIsStackCheck({ library, programs }: Attachment): Buffer {
  const isLater = library.needsOthers && process.arch === "arm64";
  return Buffer.from([
    Number(isLater || programs.some(({ sites }) => sites.some(({ flagsTest }) => flagsTest))),
  ]);
}
