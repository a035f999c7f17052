/** How trace context goes out with a target's requests: which tiers are on, from its attaching to its detaching. */
import type { Config } from "../config/config.ts";
import {
  type Adoption,
  type BpfMap,
  type KernelSession,
  MessageSlots,
  noSocketPath,
  type OutgoingCounts,
  readOutgoingCounts,
  SocketTier,
  writeSettings,
  writeTierRefusal,
} from "../kernel/index.ts";
import type { Tier } from "../libraries/descriptor.ts";
import type { Attachment } from "../plan/types.ts";
import { log } from "../report/log.ts";
import {
  messageAccount,
  propagationMessages,
  socketTierAccount,
  socketTierOff,
  tierTexts,
  writeTierAccount,
  writeTierOff,
} from "../report/propagation.ts";
import type { TierReports } from "../report/start-report.ts";
import type { Target } from "../target/target.ts";
import { hasUseFor, socketUses, tierReport } from "./outgoing-tiers.ts";

/** A way of writing into the program's memory. */
interface Written {
  /** Why it is off. */
  refusal: string | undefined;
  /** Its account, when its programs are attached. */
  counts?: BpfMap;
  account?: OutgoingCounts;
}

/** Milliseconds. Slots are taken back that their goroutines could not give back themselves: seldom any. */
const sweepInterval = 10_000;

export class OutgoingContext {
  readonly #pid: number;
  readonly #attached: readonly Attachment[];
  readonly #propagators: Config["propagators"];
  /** A text says why it is off; undefined: no library that is attached has use for it. */
  readonly #socket: SocketTier | string | undefined;
  /** Likewise. */
  readonly #write: Written | undefined;
  readonly #messages: (Written & { readonly slots: MessageSlots | undefined }) | undefined;
  #sweeping: NodeJS.Timeout | undefined;
  /** What has the socket tier carry its context: of libraries whose programs are attached, once they are. */
  #bySocket: readonly string[];
  #settings: BpfMap | undefined;
  #adoption: Adoption | undefined;

  /** Tries what works here. Nothing is written before `start`. */
  constructor(target: Target, attached: readonly Attachment[], { propagators }: Config) {
    this.#pid = target.pid;
    this.#attached = attached;
    this.#propagators = propagators;
    this.#bySocket = carriedBySocket(attached);
    if (hasUseFor("socket", attached))
      this.#socket = propagators.length > 0 ? openSocketTier(target, attached) : socketTierOff.disabled;
    if (propagators.length === 0) return;
    if (hasUseFor("write", attached)) this.#write = { refusal: writeTierRefusal() };
    if (hasUseFor("message", attached)) {
      const slots = writeTierRefusal() ?? MessageSlots.open(target);
      this.#messages =
        typeof slots === "string" ? { refusal: slots, slots: undefined } : { refusal: undefined, slots };
    }
  }

  get tiers(): ReadonlySet<Tier> {
    const socket: readonly Tier[] = this.#socket instanceof SocketTier ? ["socket"] : [];
    const write: readonly Tier[] = this.#write && !this.#write.refusal ? ["write"] : [];
    const messages: readonly Tier[] = this.#messages && !this.#messages.refusal ? ["message"] : [];
    return new Set([...socket, ...write, ...messages]);
  }

  /** Maps that the libraries' programs use to hand context over. */
  get maps(): ReadonlyMap<string, BpfMap> {
    return this.#socket instanceof SocketTier ? this.#socket.maps : new Map();
  }

  /** When the libraries' programs are attached: those of `kernel`. */
  start(kernel: Pick<KernelSession, "map" | "has">): void {
    const mapOf = (name: string) => kernel.map(name);
    this.#settings = mapOf("outgoing_settings");
    if (this.#socket instanceof SocketTier)
      this.#bySocket = carriedBySocket(this.#attached.filter(({ library }) => kernel.has(library.name)));
    if (this.#write) startCounting(this.#write, mapOf("write_counts"));
    if (this.#messages) startCounting(this.#messages, mapOf("message_counts"));
    this.#startSlots(mapOf);
    if (this.#socket instanceof SocketTier) this.#adoption = this.#socket.start(this.#propagators);
    else if (this.#settings) writeSettings(this.#settings, noSocketPath, this.#propagators);
  }

  /** The same for scripts. */
  get tierReports(): TierReports {
    const unused = this.#bySocket.length === 0 ? socketTierOff.notAttached : undefined;
    const socket = typeof this.#socket === "string" ? this.#socket : unused;
    return {
      socket: this.#socket === undefined ? null : tierReport(socket),
      write: this.#write === undefined ? null : tierReport(this.#write.refusal),
      messages: this.#messages === undefined ? null : tierReport(this.#messages.refusal),
    };
  }

  /** Of each tier that the target has use for whether it is on, and why not. */
  words(): ReturnType<typeof tierTexts> {
    const { adopted = 0 } = this.#adoption ?? {};
    return tierTexts(this.tierReports, { bySocket: this.#bySocket, adopted });
  }

  /** Says it. */
  report(): void {
    const { failed = 0, refused } = this.#adoption ?? {};
    const { socket, write, messages } = this.words();
    // Where the write tier carries these requests too, nothing is amiss.
    if (this.tierReports.socket?.on === false && !this.tiers.has("write")) log.warn(socket ?? "");
    else if (socket) log.info(socket);
    if (failed > 0) log.warn(propagationMessages.notAdopted(failed));
    if (refused !== undefined) log.warn(propagationMessages.oldConnectionsOut(refused));
    if (write) log.info(write);
    if (messages) log.info(messages);
  }

  /** Before they are detached: from here on nothing new is begun. */
  stop(): void {
    clearInterval(this.#sweeping);
    if (this.#settings) writeSettings(this.#settings, noSocketPath, []);
    for (const tier of [this.#write, this.#messages])
      if (tier?.counts) tier.account = readOutgoingCounts(tier.counts);
  }

  /** When none of them runs any more, and their maps are still there. */
  detached(): void {
    this.#messages?.slots?.clear();
  }

  close(): void {
    clearInterval(this.#sweeping);
    this.#messages?.slots?.close();
    if (this.#write?.account) this.#say(writeTierAccount(this.#pid, this.#write.account));
    if (this.#messages?.account) this.#say(messageAccount(this.#pid, this.#messages.account));
    if (!(this.#socket instanceof SocketTier)) return;
    const counts = this.#socket.counts();
    // What goes over TLS is in the other account, where there is one.
    this.#say(
      socketTierAccount(this.#pid, this.#write?.account ? { ...counts, otherConnection: 0 } : counts),
    );
    this.#socket.close();
  }

  #startSlots(mapOf: (name: string) => BpfMap | undefined): void {
    const { slots, counts } = this.#messages ?? {};
    if (slots === undefined || counts === undefined) return;
    slots.start(mapOf);
    let refused = 0;
    this.#sweeping = setInterval(() => {
      slots.sweep();
      const before = refused;
      refused = readOutgoingCounts(counts).refused;
      if (refused > before) slots.touch();
    }, sweepInterval).unref();
  }

  #say(account: string | undefined): void {
    if (account !== undefined) log.info(account);
  }
}

function carriedBySocket(attached: readonly Attachment[]): readonly string[] {
  return socketUses(attached).map(({ what }) => what);
}

function openSocketTier(target: Target, attached: readonly Attachment[]): SocketTier | string {
  const used = socketUses(attached).map(({ leaves }) => leaves);
  return SocketTier.open(target, used);
}

/** Whether a library has to do with trace context that goes out. */
export function sendsContext({ library: { probes } }: Attachment): boolean {
  return probes.some(({ tier }) => tier !== undefined);
}

function startCounting(tier: Written, counts: BpfMap | undefined): void {
  if (counts) tier.counts = counts;
  else tier.refusal ??= writeTierOff.notAttached;
}
