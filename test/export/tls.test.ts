import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, describe, type TestContext, test } from "node:test";
import grpc from "@grpc/grpc-js";
import { createOtlpExporter } from "../../src/export/otlp.ts";
import { ExitCode } from "../../src/report/exit-code.ts";
import { UserError } from "../../src/report/user-error.ts";
import { type Certificates, makeCertificates } from "./support/certificates.ts";
import { startEndpoint } from "./support/endpoint.ts";
import { startGrpcEndpoint } from "./support/grpc-endpoint.ts";
import { captureLog } from "./support/log.ts";
import { otlp, smallBatches } from "./support/options.ts";
import { record } from "./support/records.ts";

const lines = captureLog();

describe("TLS", () => {
  let pem: Certificates;
  let files: { certificate: string; clientCertificate: string; clientKey: string };
  before(() => {
    pem = makeCertificates();
    files = { certificate: pem.certificate, clientCertificate: pem.certificate, clientKey: pem.key };
  });
  after(() => pem.remove());

  async function exportOne(context: TestContext, ...options: Parameters<typeof otlp>) {
    const exporter = await createOtlpExporter(otlp(...options), smallBatches);
    context.after(() => exporter.shutdown(0));
    exporter.add(record());
    await exporter.flush(10_000);
    return exporter.counts;
  }

  async function httpsEndpoint(context: TestContext) {
    const tls = {
      cert: pem.cert,
      key: pem.keyPem,
      ca: pem.cert,
      requestCert: true,
      rejectUnauthorized: true,
    };
    const endpoint = await startEndpoint({ tls });
    context.after(() => endpoint.close());
    return endpoint;
  }

  test("HTTP with a private authority and a client certificate", async (context) => {
    const { url } = await httpsEndpoint(context);
    assert.equal((await exportOne(context, url, files)).exported, 1);
  });

  test("HTTP without the client certificate is refused by this endpoint", async (context) => {
    const { url } = await httpsEndpoint(context);
    const counts = await exportOne(context, url, { certificate: pem.certificate, timeoutMs: 500 });
    assert.equal(counts.dropped.exportFailed, 1);
  });

  test("gRPC with a private authority and a client certificate", async (context) => {
    const credentials = grpc.ServerCredentials.createSsl(
      pem.cert,
      [{ cert_chain: pem.cert, private_key: pem.keyPem }],
      true,
    );
    const { port, close } = await startGrpcEndpoint({ credentials });
    context.after(close);
    assert.equal(
      (await exportOne(context, `https://127.0.0.1:${port}`, { protocol: "grpc", ...files })).exported,
      1,
    );
  });

  test("an unknown authority: the message names the variable", async (context) => {
    const { url, port } = await httpsEndpoint(context);
    const counts = await exportOne(context, url, { timeoutMs: 500 });
    assert.equal(counts.dropped.exportFailed, 1);
    const text = lines.filter((line) => line.includes(`:${port}`)).join("");
    assert.match(text, /certificate is not trusted[\s\S]*OTEL_EXPORTER_OTLP_CERTIFICATE/);
  });

  test("an unknown authority over gRPC", async (context) => {
    const credentials = grpc.ServerCredentials.createSsl(null, [
      { cert_chain: pem.cert, private_key: pem.keyPem },
    ]);
    const { port, close } = await startGrpcEndpoint({ credentials });
    context.after(close);
    await exportOne(context, `https://127.0.0.1:${port}`, { protocol: "grpc", timeoutMs: 1500 });
    const text = lines.filter((line) => line.includes(`:${port}`)).join("");
    assert.match(text, /certificate is not trusted[\s\S]*OTEL_EXPORTER_OTLP_CERTIFICATE/);
  });

  test("https to a plaintext endpoint", async (context) => {
    const endpoint = await startEndpoint();
    context.after(() => endpoint.close());
    await exportOne(context, endpoint.url.replace("http:", "https:"), { timeoutMs: 500 });
    const text = lines.filter((line) => line.includes(`:${endpoint.port}`)).join("");
    assert.match(text, /does not speak TLS[\s\S]*http:\/\//);
  });

  for (const protocol of ["http/protobuf", "grpc"] as const) {
    test(`a file that cannot be used is said at start (${protocol})`, async () => {
      const garbage = `${pem.certificate}.garbage`;
      writeFileSync(garbage, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
      const other = makeCertificates();
      const faults = [
        { certificate: garbage, named: garbage },
        { certificate: `${pem.certificate}.missing`, named: "missing" },
        { certificate: pem.key, named: pem.key },
        { clientCertificate: pem.key, named: pem.key },
        { clientCertificate: pem.certificate, clientKey: garbage, named: garbage },
        { clientCertificate: pem.certificate, clientKey: other.key, named: other.key },
      ];
      for (const { named, ...fault } of faults) {
        await assert.rejects(
          createOtlpExporter(otlp("https://127.0.0.1:1/v1/traces", { protocol, ...fault }), smallBatches),
          (error: unknown) =>
            error instanceof UserError && error.exitCode === ExitCode.usage && error.message.includes(named),
          JSON.stringify(fault),
        );
      }
      other.remove();
    });
  }
});
