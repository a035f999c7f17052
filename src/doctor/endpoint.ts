/** Would what is exported arrive? */
import type { Config, OtlpOptions } from "../config/config.ts";
import { checkEndpoint } from "../export/endpoint-check.ts";
import { metrics } from "../export/metrics-payload.ts";
import { type ProxyVariables, proxyVariables } from "../export/proxy.ts";
import type { Signal } from "../export/signal.ts";
import { traces } from "../export/traces.ts";
import { type Check, ok, problem, warning } from "../report/doctor.ts";
import { endpointWords as words } from "../report/doctor-words.ts";
import { ExitCode } from "../report/exit-code.ts";
import { endpointText } from "../report/export.ts";
import { failed } from "./look.ts";

export async function lookAtEndpoints(config: Config): Promise<readonly Check[]> {
  const checks = [traceEndpoint(config)];
  if (config.metrics) checks.push(endpoint("endpoint.metrics", metrics, config.metrics.otlp));
  return (await Promise.all(checks)).flat();
}

async function traceEndpoint({ exporter, otlp }: Config): Promise<readonly Check[]> {
  if (exporter !== "otlp") return [ok("endpoint.traces", "traces", words[exporter])];
  const proxies = proxyVariables(otlp, process.env);
  return [...(await endpoint("endpoint.traces", traces, otlp)), ...proxy(otlp, proxies)];
}

async function endpoint(id: string, signal: Signal, otlp: OtlpOptions): Promise<readonly Check[]> {
  const { name, many, stillWorks } = signal.words;
  try {
    const { used } = proxyVariables(otlp, process.env);
    const found = await checkEndpoint(signal, otlp, used !== undefined);
    const where = [endpointText(otlp.endpoint), otlp.protocol] as const;
    if (found.ok) return [ok(id, name, words.accepted(many, ...where))];
    const { why, next } = found.cause;
    return [
      problem(
        id,
        name,
        { what: words.refused(many, ...where), why, works: stillWorks, next },
        ExitCode.failure,
      ),
    ];
  } catch (error) {
    return [failed(id, name, error)];
  }
}

function proxy({ protocol }: OtlpOptions, { used, set }: ProxyVariables): readonly Check[] {
  if (used !== undefined) return [ok("endpoint.proxy", "proxy", words.proxyUsed(used))];
  if (protocol === "grpc" || set.length === 0) return [];
  return [
    warning("endpoint.proxy", "proxy", {
      what: words.proxyIgnored(set),
      next: "give the endpoint that can be reached without a proxy, or use --protocol grpc, which takes one",
    }),
  ];
}
