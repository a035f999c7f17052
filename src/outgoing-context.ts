/** How trace context goes out with a target's requests: which tiers are on, from its attaching to its detaching. */
import type { Config } from "./config/config.ts";
import {
  type Adoption,
  type BpfMap,
  type KernelSession,
  noSocketPath,
  type OutgoingCounts,
  readOutgoingCounts,
  SocketTier,
  writeSettings,
  writeTierRefusal,
} from "./kernel/index.ts";
import type { Tier } from "./libraries/descriptor.ts";
import { hasUseFor, socketUses, tierReport } from "./outgoing-tiers.ts";
import type { Attachment } from "./plan/types.ts";
import { log } from "./report/log.ts";
import {
  propagationMessages,
  socketTierAccount,
  socketTierOff,
  tierTexts,
  writeTierAccount,
  writeTierOff,
} from "./report/propagation.ts";
import type { TierReports } from "./report/start-report.ts";
import type { Target } from "./target/target.ts";

export class OutgoingContext {
  readonly #pid: number;
  readonly #attached: readonly Attachment[];
  readonly #propagators: Config["propagators"];
  /** A text says why it is off; undefined: no library that is attached has use for it. */
  readonly #socket: SocketTier | string | undefined;
  /** Likewise; `counts`: this tier's account, when its programs are attached. */
  readonly #write: { refusal: string | undefined; counts?: BpfMap; account?: OutgoingCounts } | undefined;
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
    if (hasUseFor("write", attached) && propagators.length > 0) this.#write = { refusal: writeTierRefusal() };
  }

  get tiers(): ReadonlySet<Tier> {
    const socket: readonly Tier[] = this.#socket instanceof SocketTier ? ["socket"] : [];
    const write: readonly Tier[] = this.#write && !this.#write.refusal ? ["write"] : [];
    return new Set([...socket, ...write]);
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
    if (this.#write) {
      const counts = mapOf("write_counts");
      if (counts) this.#write.counts = counts;
      else this.#write.refusal ??= writeTierOff.notAttached;
    }
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
    const { socket, write } = this.words();
    // Where the write tier carries these requests too, nothing is amiss.
    if (this.tierReports.socket?.on === false && !this.tiers.has("write")) log.warn(socket ?? "");
    else if (socket) log.info(socket);
    if (failed > 0) log.warn(propagationMessages.notAdopted(failed));
    if (refused !== undefined) log.warn(propagationMessages.oldConnectionsOut(refused));
    if (write) log.info(write);
  }

  /** Before they are detached: from here on nothing new is begun. */
  stop(): void {
    if (this.#settings) writeSettings(this.#settings, noSocketPath, []);
    if (this.#write?.counts) this.#write.account = readOutgoingCounts(this.#write.counts);
  }

  close(): void {
    if (this.#write?.account) this.#say(writeTierAccount(this.#pid, this.#write.account));
    if (!(this.#socket instanceof SocketTier)) return;
    const counts = this.#socket.counts();
    // What goes over TLS is in the other account, where there is one.
    this.#say(
      socketTierAccount(this.#pid, this.#write?.account ? { ...counts, otherConnection: 0 } : counts),
    );
    this.#socket.close();
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
