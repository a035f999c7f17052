/** The sampler and the rules for paths as the kernel's programs read them: ebpf/include/sampling.h, path_rules.h. */
import type { Config, SamplingRule } from "../config/config.ts";
import { maxSamplingRules } from "../config/sampling-rules.ts";
import { encodePathRule, encodeSettings, Goroutines, Propagator, SamplerRoot } from "../generated/shared.ts";
import { type BpfMap, type MapEntry, u32 } from "../kernel/index.ts";

/** Of the configuration, what decides about sampling. */
export type SamplingConfig = Pick<Config, "propagators" | "requestMetrics"> & {
  readonly live: Pick<Config["live"], "sampler" | "samplingRules" | "goroutines">;
};

/** There are two sets of rules in the kernel, of which one is in use. */
type RuleSet = 0 | 1;

/** What the maps hold, in the order in which it is to be written: rules first, then the settings that point to them. */
export function samplingEntries(
  config: SamplingConfig,
  set: RuleSet = 0,
): { readonly path_rules: readonly MapEntry[]; readonly settings: readonly MapEntry[] } {
  const first = set * maxSamplingRules;
  const { samplingRules } = config.live;
  return {
    path_rules: samplingRules.map((rule, index) => ({ key: u32(first + index), value: ruleOf(rule) })),
    settings: [{ key: u32(0), value: settingsOf(config, first) }],
  };
}

/** Changes what is in the kernel of one target. A new request is decided about as before, or as from now on. */
export class LiveSampling {
  readonly #mapOf: (name: string) => BpfMap | undefined;
  /** The session has begun with the first one. */
  #set: RuleSet = 0;

  /** `mapOf` gives a map of the session by its name. */
  constructor(mapOf: (name: string) => BpfMap | undefined) {
    this.#mapOf = mapOf;
  }

  /** From now on new requests are decided about in this way: also where a library has come later. */
  write(config: SamplingConfig): void {
    this.#set = this.#set === 0 ? 1 : 0;
    for (const [name, entries] of Object.entries(samplingEntries(config, this.#set)))
      for (const { key, value } of entries) this.#mapOf(name)?.update(key, value);
  }
}

function settingsOf(
  { live: { sampler, samplingRules, goroutines }, propagators, requestMetrics }: SamplingConfig,
  first: number,
): Buffer {
  const { kind, ratio } = sampler;
  const parentBased = kind.startsWith("parentbased_");
  const root = kind.endsWith("always_on")
    ? SamplerRoot.on
    : kind.endsWith("always_off")
      ? SamplerRoot.off
      : SamplerRoot.ratio;
  return encodeSettings({
    // It says all that `root` does: a program may read while both change.
    ratioBound: boundOf(root === SamplerRoot.off ? 0 : ratio),
    root,
    parentBased: Number(parentBased),
    measureUnsampled: Number(requestMetrics),
    propagators: propagators.reduce((mask, name) => mask | Propagator[name], 0),
    pathRules: samplingRules.length,
    firstPathRule: first,
    goroutines: Goroutines[goroutines],
  });
}

/** The Go SDK samples a trace id whose number is below this bound of 63 bits. */
function boundOf(ratio: number): bigint {
  return BigInt(Math.floor(ratio * 2 ** 63));
}

function ruleOf({ path, ratio }: SamplingRule): Buffer {
  const isPrefix = path.endsWith("*");
  const text = Buffer.from(isPrefix ? path.slice(0, -1) : path);
  return encodePathRule({
    text,
    mask: Buffer.alloc(text.length, 0xff),
    ratioBound: boundOf(ratio),
    length: text.length,
    isPrefix: Number(isPrefix),
    isDrop: Number(ratio === 0),
  });
}
