/** How trace context goes out with a target's requests: which tiers are on, from its attaching to its detaching. */
import type { Config } from "./config/config.ts";
import { type Adoption, type BpfMap, SocketTier } from "./kernel/index.ts";
import type { Tier } from "./libraries/descriptor.ts";
import type { Attachment } from "./plan/types.ts";
import { log } from "./report/log.ts";
import { propagationMessages, socketTierOff } from "./report/propagation.ts";
import type { Target } from "./target/target.ts";

export class OutgoingContext {
  readonly #propagators: Config["propagators"];
  /** A text says why it is off; undefined: no library that is attached has use for it. */
  readonly #socket: SocketTier | string | undefined;
  #adoption: Adoption | undefined;

  /** Tries what works here. Nothing is written before `start`. */
  constructor(target: Target, attached: readonly Attachment[], { propagators }: Config) {
    this.#propagators = propagators;
    if (!hasUseFor("socket", attached)) return;
    this.#socket = propagators.length > 0 ? SocketTier.open(target) : socketTierOff.disabled;
  }

  get tiers(): ReadonlySet<Tier> {
    return new Set<Tier>(this.#socket instanceof SocketTier ? ["socket"] : []);
  }

  /** Maps that the libraries' programs use to hand context over. */
  get maps(): ReadonlyMap<string, BpfMap> {
    return this.#socket instanceof SocketTier ? this.#socket.maps : new Map();
  }

  /** When the libraries' programs are attached. */
  start(): void {
    if (this.#socket instanceof SocketTier) this.#adoption = this.#socket.start(this.#propagators);
  }

  /** Says of each tier that the target has use for whether it is on, and why not. */
  report(): void {
    if (typeof this.#socket === "string") log.warn(propagationMessages.off(this.#socket));
    if (this.#adoption === undefined) return;
    const { adopted, failed, refused } = this.#adoption;
    log.info(propagationMessages.on(adopted));
    if (failed > 0) log.warn(propagationMessages.notAdopted(failed));
    if (refused !== undefined) log.warn(propagationMessages.oldConnectionsOut(refused));
  }

  close(): void {
    if (this.#socket instanceof SocketTier) this.#socket.close();
  }
}

function hasUseFor(tier: Tier, attached: readonly Attachment[]): boolean {
  return attached.some(({ library, programs }) =>
    library.probes.some(
      (probe) =>
        probe.tier === tier &&
        programs.some(({ program, sites }) => program === probe.program && sites.length > 0),
    ),
  );
}
