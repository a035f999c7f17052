import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { contentTypes, type TextFormat } from "../../../src/export/prometheus.ts";
import { buildGo } from "../../fixtures/go-binaries.ts";

const source = join(import.meta.dirname, "..", "..", "scrape");

/** A series as Prometheus' own parser understands it. */
export interface ScrapedSeries {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    /** Milliseconds since the epoch. */
    readonly time: number;
  } | null;
}

export interface Scrape {
  readonly series: readonly ScrapedSeries[];
  /** What "promtool check metrics" complains of. */
  readonly complaints: readonly string[];
}

/** What Prometheus reads in a page; throws when it would refuse it. */
export async function scrape(text: string, format: TextFormat): Promise<Scrape> {
  const parser = await buildGo({ go: "1.26.8", source });
  const { status, stdout, stderr } = spawnSync(parser, [contentTypes[format]], {
    input: text,
    maxBuffer: 256 << 20,
  });
  if (status !== 0) throw new Error(`Prometheus refuses the page: ${stderr}\n${text.slice(0, 5000)}`);
  return {
    series: stdout
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line) => seriesOf(JSON.parse(line))),
    complaints: stderr.toString().split("\n").filter(Boolean),
  };
}

function seriesOf({ labels: { __name__: name = "", ...labels }, ...rest }: Omit<ScrapedSeries, "name">) {
  return { ...rest, name, labels };
}
