/** The config file while the agent runs: its live part is taken again when it changes, and at SIGHUP. */
import { statSync } from "node:fs";
import type { Config, LiveSettings } from "./config/config.ts";
import { parseConfigFile, readText } from "./config/file.ts";
import type { FileSettings } from "./config/file-settings.ts";
import { loadConfig } from "./config/load.ts";
import { find, type Sources } from "./config/read.ts";
import type { Setting } from "./config/setting.ts";
import { settings } from "./config/settings.ts";
import { unknownLibraries } from "./disabled-names.ts";
import { liveChanges, liveMessages } from "./report/live.ts";
import { log, logLevels, setLogLevel } from "./report/log.ts";
import { explain, UserError } from "./report/user-error.ts";
import { everySecond } from "./target/every-second.ts";
import { ControllingTerminal } from "./terminal.ts";

/** Milliseconds that a file has to stay as it is before it is read: editors write in several steps. */
const settled = 300;

const all = Object.values<Setting>(settings);
const liveKeys = new Set(all.filter(({ live }) => live).flatMap(({ keys }) => keys));

export class LiveFile {
  readonly #sources: Sources;
  /** As it was at the start: what isn't live goes on to be as it says. */
  readonly #first: FileSettings;
  #current: FileSettings;
  #live: LiveSettings;
  /** The text, or why there was none, that was looked at last. */
  #seen: string | undefined;
  /** What need not be said twice. */
  readonly #said: Set<string>;
  readonly #terminal = new ControllingTerminal();
  #onChange: (live: LiveSettings) => void = () => {};

  /** `warnings`: what was said of the file at the start. */
  constructor(
    sources: Sources & { readonly file: FileSettings },
    config: Config,
    warnings: readonly string[],
  ) {
    this.#sources = sources;
    this.#first = sources.file;
    this.#current = sources.file;
    this.#live = config.live;
    this.#said = new Set(warnings);
  }

  /** What holds now. */
  get settings(): LiveSettings {
    return this.#live;
  }

  /** Calls with each new state, until the signal. A mount of Kubernetes is renewed about once a minute. */
  follow(onChange: (live: LiveSettings) => void, signal: AbortSignal): void {
    this.#onChange = onChange;
    const { path } = this.#first;
    let timer: NodeJS.Timeout | undefined;
    const onDate = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#readAtRest() || onDate(), settled);
    };
    let state = stateOf(path);
    const stopLooking = everySecond(() => {
      const now = stateOf(path);
      if (now !== state) onDate();
      state = now;
    });
    // It may have changed between the start and the first look at its date.
    onDate();
    const stop = () => {
      clearTimeout(timer);
      stopLooking();
    };
    signal.addEventListener("abort", stop, { once: true });
  }

  /** At SIGHUP: reads the file now, and says also that nothing has changed. False: the terminal has gone away. */
  reloadAtHangup(): boolean {
    if (this.#terminal.isGone) return false;
    this.#look(
      attempt(() => readText(this.#first.path)),
      true,
    );
    return true;
  }

  /** False: the file has changed a moment ago, or while it was read. Who writes it may have only emptied it so far. */
  #readAtRest(): boolean {
    const { path } = this.#first;
    const date = dateOf(path);
    const age = Date.now() - date;
    if (age >= 0 && age < settled) return false;
    const text = attempt(() => readText(path));
    if (dateOf(path) !== date) return false;
    this.#look(text, false);
    return true;
  }

  /** A file that isn't valid changes nothing, and is spoken of once. */
  #look(text: string | UserError, asked: boolean): void {
    const seen = text instanceof UserError ? explain(text.explanation) : text;
    if (seen === this.#seen && !asked) return;
    this.#seen = seen;
    const refused = text instanceof UserError ? text : attempt(() => this.#take(text, asked));
    if (refused) log.error(explain(liveMessages.refused(refused.explanation)));
  }

  #take(text: string, asked: boolean): void {
    const { flags, environment } = this.#sources;
    const file = parseConfigFile(this.#first.path, text, environment);
    const { config, warnings } = loadConfig(flags, environment, { file, needsTarget: false });
    for (const warning of [...warnings, ...unknownLibraries(config.live)]) this.#sayOnce(warning);
    this.#sayWhatStays(file);
    this.#current = file;
    const changes = liveChanges(this.#live, config.live);
    if (changes.length > 0) this.#apply(config.live, liveMessages.changed(file.path, changes));
    else if (asked) log.info(liveMessages.unchanged(file.path));
  }

  #apply(live: LiveSettings, message: string): void {
    const isLouder = logLevels.indexOf(live.logLevel) > logLevels.indexOf(this.#live.logLevel);
    if (isLouder) setLogLevel(live.logLevel);
    log.info(message);
    setLogLevel(live.logLevel);
    this.#live = live;
    this.#onChange(live);
  }

  /** Of what differs in the file: what a flag or variable decides, and what the agent only reads at its start. */
  #sayWhatStays(file: FileSettings): void {
    for (const setting of all.filter(({ live }) => live)) {
      const key = setting.keys.find((key) => differs(key, file, this.#current));
      const found = find(setting, { ...this.#sources, file });
      if (key && found && found.from !== "file")
        this.#sayOnce(liveMessages.beaten(file.path, key, found.source));
    }
    const keys = new Set([...this.#first.entries.keys(), ...file.entries.keys()]);
    const fixed = [...keys].filter((key) => !liveKeys.has(key) && differs(key, file, this.#first));
    if (fixed.length > 0) this.#sayOnce(liveMessages.atNextStart(file.path, fixed.sort()));
  }

  #sayOnce(message: string): void {
    if (!this.#said.has(message) && this.#said.size < 1000) log.warn(message);
    this.#said.add(message);
  }
}

/** Of its contents, in milliseconds; 0 when nobody can tell, as reading it will. */
function dateOf(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** Another text when the file has changed, or another one stands in its place. */
function stateOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join();
  } catch {
    return "";
  }
}

function attempt<T>(action: () => T): T | UserError {
  try {
    return action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function differs(key: string, a: FileSettings, b: FileSettings): boolean {
  return a.entries.get(key)?.text !== b.entries.get(key)?.text;
}
