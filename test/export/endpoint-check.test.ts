// What an endpoint answers to an empty request, and what is said when it is another one than was meant.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after, before, describe, type TestContext, test } from "node:test";
import grpc from "@grpc/grpc-js";
import type { OtlpOptions } from "../../src/config/config.ts";
import { checkEndpoint } from "../../src/export/endpoint-check.ts";
import { proxyVariables } from "../../src/export/proxy.ts";
import { traces } from "../../src/export/traces.ts";
import { type Certificates, makeCertificates } from "./support/certificates.ts";
import { type Answer, freePort, startEndpoint, status } from "./support/endpoint.ts";
import { failGrpc, startGrpcEndpoint } from "./support/grpc-endpoint.ts";
import { otlp } from "./support/options.ts";

const check = (endpoint: string, more: Partial<OtlpOptions> = {}) =>
  checkEndpoint(traces, otlp(endpoint, more));

/** The step that failed and the words about it. */
async function refused(endpoint: string, more: Partial<OtlpOptions> = {}): Promise<[string, string, string]> {
  const found = await check(endpoint, more);
  if (found.ok) assert.fail("it was accepted");
  return [found.step, found.cause.why, found.cause.next];
}

describe("an endpoint is asked by an empty request", { concurrency: true }, () => {
  let pem: Certificates;
  before(() => {
    pem = makeCertificates();
  });
  after(() => pem.remove());

  async function http(context: TestContext, options: Parameters<typeof startEndpoint>[0] = {}) {
    const endpoint = await startEndpoint(options);
    context.after(() => endpoint.close());
    return endpoint;
  }

  async function grpcEndpoint(context: TestContext, options: Parameters<typeof startGrpcEndpoint>[0] = {}) {
    const endpoint = await startGrpcEndpoint(options);
    context.after(() => endpoint.close());
    return endpoint;
  }

  for (const protocol of ["http/protobuf", "http/json"] as const)
    test(`${protocol}: status 200, and an answer that breaks off`, async (context) => {
      const endpoint = await http(context, {
        answer: (response) => {
          response.writeHead(200, { "content-length": 100 }).write("{");
          setTimeout(() => response.destroy(), 50);
        },
      });
      const [step, why] = await refused(endpoint.url, { protocol });
      assert.equal(step, "request");
      assert.match(why, /answers with status 200, and then its answer breaks off/);
    });

  for (const [protocol, type, body] of [
    ["http/protobuf", "application/x-protobuf", ""],
    ["http/json", "application/json", "{}"],
  ] as const) {
    test(`${protocol}: accepted, with headers and without spans`, async (context) => {
      const endpoint = await http(context);
      assert.deepEqual(await check(endpoint.url, { protocol, headers: { "x-key": "k" } }), { ok: true });
      const [received, ...others] = endpoint.received;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [
          received?.path,
          received?.headers["content-type"],
          received?.headers["x-key"],
          String(received?.body),
        ],
        ["/v1/traces", type, "k", body],
      );
    });
  }

  test("gRPC: accepted", async (context) => {
    const endpoint = await grpcEndpoint(context);
    const headers = { "x-key": "k" };
    assert.deepEqual(await check(`http://127.0.0.1:${endpoint.port}`, { protocol: "grpc", headers }), {
      ok: true,
    });
    assert.equal(endpoint.received.length, 1);
    assert.deepEqual(endpoint.received[0]?.metadata.get("x-key"), ["k"]);
  });

  test("TLS with a private authority: accepted with its certificate, refused without", async (context) => {
    const { url } = await http(context, { tls: { cert: pem.cert, key: pem.keyPem } });
    assert.deepEqual(await check(url, { certificate: pem.certificate }), { ok: true });
    const [step, why, next] = await refused(url);
    assert.equal(step, "request");
    assert.match(why, /not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    assert.match(next, /OTEL_EXPORTER_OTLP_CERTIFICATE/);
  });

  test("nothing listens", async () => {
    const port = await freePort();
    const [step, why] = await refused(`http://127.0.0.1:${port}/v1/traces`);
    assert.deepEqual([step, why], ["connection", `nothing listens at 127.0.0.1:${port}`]);
  });

  test("a name that nobody knows", async () => {
    const [step, why] = await refused("http://collector.invalid:4318/v1/traces");
    assert.deepEqual([step, why], ["name", "the host name collector.invalid cannot be resolved"]);
  });

  test("gRPC answers where HTTP is meant", async (context) => {
    const { port } = await grpcEndpoint(context);
    for (const protocol of ["http/protobuf", "http/json"] as const) {
      const [step, why, next] = await refused(`http://127.0.0.1:${port}/v1/traces`, { protocol });
      assert.equal(step, "request");
      assert.equal(why, `port ${port} answers in HTTP/2, as gRPC does, but the protocol is ${protocol}`);
      assert.match(next, /--protocol grpc/);
    }
  });

  test("HTTP/1 answers where gRPC is meant", async (context) => {
    const { port } = await http(context);
    const [, why, next] = await refused(`http://127.0.0.1:${port}`, { protocol: "grpc" });
    assert.equal(why, `port ${port} answers in HTTP/1, but the protocol is grpc`);
    assert.match(next, /--protocol http\/protobuf/);
  });

  test("TLS answers where plaintext is meant, in HTTP and gRPC", async (context) => {
    const { port } = await http(context, { tls: { cert: pem.cert, key: pem.keyPem } });
    const [, why, next] = await refused(`http://127.0.0.1:${port}/v1/traces`);
    assert.equal(why, `port ${port} speaks TLS, and the endpoint is an http:// one`);
    assert.match(next, /https:\/\//);
    const credentials = grpc.ServerCredentials.createSsl(null, [
      { cert_chain: pem.cert, private_key: pem.keyPem },
    ]);
    const secure = await grpcEndpoint(context, { credentials });
    const [, whyGrpc] = await refused(`http://127.0.0.1:${secure.port}`, { protocol: "grpc" });
    assert.equal(whyGrpc, `port ${secure.port} speaks TLS, and the endpoint is an http:// one`);
  });

  test("plaintext answers where TLS is meant, in HTTP and gRPC", async (context) => {
    const { port } = await http(context);
    const [, why] = await refused(`https://127.0.0.1:${port}/v1/traces`);
    assert.equal(why, "the endpoint does not speak TLS");
    const plain = await grpcEndpoint(context);
    const [, whyGrpc] = await refused(`https://127.0.0.1:${plain.port}`, { protocol: "grpc" });
    assert.equal(whyGrpc, "the endpoint does not speak TLS");
  });

  for (const [name, answer, words] of [
    ["401", status(401), /refuses our credentials \(HTTP 401\)/],
    ["403", status(403), /refuses our credentials \(HTTP 403\)/],
    ["404", status(404), /takes no traces at \/v1\/traces \(HTTP 404\)/],
    ["405", status(405), /takes no traces at \/v1\/traces \(HTTP 405\)/],
    ["415", status(415), /does not take this format \(HTTP 415\)/],
    ["503", status(503), /try again later/],
    ["a web page", (response) => response.writeHead(200).end("<html>log in"), /web page/],
  ] as const satisfies readonly (readonly [string, Answer, RegExp])[]) {
    test(`it answers ${name}`, async (context) => {
      const { url } = await http(context, { answer });
      const [step, why] = await refused(url);
      assert.equal(step, "request");
      assert.match(why, words);
    });
  }

  test("gRPC says that the credentials are wrong", async (context) => {
    const answer = failGrpc(grpc.status.UNAUTHENTICATED, "no token");
    const { port } = await grpcEndpoint(context, { answer });
    const [, why] = await refused(`http://127.0.0.1:${port}`, { protocol: "grpc" });
    assert.match(why, /refuses our credentials/);
  });

  for (const [name, greeting] of [
    ["says nothing at all", ""],
    ["speaks another protocol", "220 mail.example ESMTP\r\n"],
  ] as const) {
    for (const protocol of ["http/protobuf", "grpc"] as const) {
      test(`what listens ${name}, asked by ${protocol}`, async (context) => {
        // Nobody reads here, so that a connection's end is not noticed either.
        const sockets: Socket[] = [];
        const server = createServer((socket) => {
          sockets.push(socket.on("error", () => {}));
          socket.write(greeting);
        });
        await once(server.listen(0, "127.0.0.1"), "listening");
        context.after(() => {
          server.close();
          for (const socket of sockets) socket.destroy();
        });
        const { port } = server.address() as AddressInfo;
        const path = protocol === "grpc" ? "" : "/v1/traces";
        const [step, why, next] = await refused(`http://127.0.0.1:${port}${path}`, { protocol });
        assert.equal(step, "request");
        assert.ok(why && next);
        if (greeting === "") assert.match(why, /no complete answer within 3 s/);
      });
    }
  }
});

test("proxies: gRPC takes the first that is named, unless the host is excepted; HTTP takes none", () => {
  const grpcOptions = { protocol: "grpc", endpoint: "http://collector.example:4317" } as const;
  const https = { https_proxy: "http://user:secret@proxy:3128" };
  assert.deepEqual(proxyVariables(grpcOptions, https), { used: "https_proxy", set: ["https_proxy"] });
  assert.equal(proxyVariables(grpcOptions, { ...https, grpc_proxy: "http://p" }).used, "grpc_proxy");
  assert.equal(proxyVariables(grpcOptions, { HTTPS_PROXY: "http://p" }).used, undefined);
  for (const no_proxy of ["collector.example", "other,.example", "*"])
    assert.equal(proxyVariables(grpcOptions, { ...https, no_proxy }).used, undefined, no_proxy);
  const http = { ...grpcOptions, protocol: "http/protobuf" } as const;
  assert.deepEqual(proxyVariables(http, https), { used: undefined, set: ["https_proxy"] });
});
