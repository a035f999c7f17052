import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificates {
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
  /** Contents of them. */
  readonly cert: Buffer;
  readonly keyPem: Buffer;
  remove(): void;
}

/** A self-signed certificate for 127.0.0.1 that is its own authority. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-tls-"));
  const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=otel-go-auto test",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
      "-keyout",
      key,
      "-out",
      certificate,
    ],
    { stdio: "ignore" },
  );
  return {
    certificate,
    key,
    cert: readFileSync(certificate),
    keyPem: readFileSync(key),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
