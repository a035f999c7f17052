import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { OtlpOptions } from "../config/config.ts";
import { tlsFileUnusable } from "../report/export.ts";

/** Contents of the PEM files, in the words of node:tls. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Reads and checks the files, so that a wrong one is said at start. Throws a UserError. */
export function readTlsFiles(
  options: Pick<OtlpOptions, "certificate" | "clientCertificate" | "clientKey">,
): TlsFiles {
  const parse = (pem: Buffer) => new X509Certificate(pem);
  const ca = read("OTEL_EXPORTER_OTLP_CERTIFICATE", options.certificate, parse);
  const cert = read("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", options.clientCertificate, parse);
  const key = read("OTEL_EXPORTER_OTLP_CLIENT_KEY", options.clientKey, (pem) => {
    createPrivateKey(pem);
    if (cert) createSecureContext({ cert, key: pem }); // they must belong together
  });
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function read(
  variable: string,
  path: string | undefined,
  check: (pem: Buffer) => unknown,
): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    const pem = readFileSync(path);
    check(pem);
    return pem;
  } catch (error) {
    throw tlsFileUnusable(variable, path, error instanceof Error ? error.message : String(error));
  }
}
