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
  const ca = read("OTEL_EXPORTER_OTLP_CERTIFICATE", options.certificate, (ca) => ({ ca }));
  const cert = read("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", options.clientCertificate, (cert) => ({ cert }));
  const key = read("OTEL_EXPORTER_OTLP_CLIENT_KEY", options.clientKey, (key) => ({ ...cert, key }));
  return { ...ca, ...cert, ...key };
}

function read(variable: string, path: string | undefined, use: (content: Buffer) => TlsFiles): TlsFiles {
  if (path === undefined) return {};
  try {
    const files = use(readFileSync(path));
    createSecureContext({ ...files });
    return files;
  } catch (error) {
    throw tlsFileUnusable(variable, path, error instanceof Error ? error.message : String(error));
  }
}
