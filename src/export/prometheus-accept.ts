import type { TextFormat } from "./prometheus.ts";

/**
 * The format that a scraper likes best, by its Accept header (RFC 9110, 12.5.1): OpenMetrics when it is named and nothing
 * is liked better; a browser's or none gets Prometheus' own.
 */
export function acceptedFormat(accept: string | undefined): TextFormat {
  const ranges = (accept ?? "").split(",").map(readRange);
  const weightOf = (...types: string[]) =>
    Math.max(0, ...ranges.filter(({ type }) => types.includes(type)).map(({ weight }) => weight));
  const openMetrics = weightOf("application/openmetrics-text");
  return openMetrics > 0 && openMetrics >= weightOf("text/plain", "text/*") ? "openmetrics" : "prometheus";
}

function readRange(range: string): { readonly type: string; readonly weight: number } {
  const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  return { type, weight: weight === undefined ? 1 : Number(weight) || 0 };
}
