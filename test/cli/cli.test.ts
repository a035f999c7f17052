import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { settings } from "../../src/config/settings.ts";
import { libraries } from "../../src/generated/registry.ts";
import { oldestKernel } from "../../src/report/kernel.ts";
import { folder } from "../target/processes.ts";
import { runCli, startCli } from "./run-cli.ts";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

test("--version", async () => {
  const { code, stdout, stderr } = await runCli(["--version"]);
  assert.deepEqual([code, stdout, stderr], [0, `${manifest.version}\n`, ""]);
});

test("--help names every flag and variable that has a value", async () => {
  const { code, stdout, stderr } = await runCli(["--help"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const flags = stdout + (await runCli(["update-offsets", "--help"])).stdout;
  for (const setting of Object.values(settings)) {
    if ("flag" in setting) assert(flags.includes(setting.flag), setting.flag);
    for (const variable of setting.variables)
      assert(
        stdout.includes(variable.replace(/_OTLP_((TRACES|METRICS)_)?/, "_OTLP_[TRACES_|METRICS_]")),
        variable,
      );
  }
});

test("--help names every command, which have a help of their own", async () => {
  const { stdout } = await runCli(["--help"]);
  for (const name of ["inspect", "doctor", "update-offsets"]) {
    assert.match(stdout, new RegExp(`^ +${name} `, "m"));
    const { code, stdout: own, stderr } = await runCli([name, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(own, new RegExp(`^Usage: otel-go-auto ${name} `));
  }
});

test("--supported-versions", async () => {
  const { code, stdout, stderr } = await runCli(["--supported-versions"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^Go +\d+\.\d+ and later$/m);
  for (const { name, since } of libraries)
    assert.match(stdout, new RegExp(`^${name} +.* (Go )?${since} and later`, "m"));
});

test("--supported-versions --json, with an updated offsets.json", async (t) => {
  const file = join(folder(t), "offsets.json");
  const std = { versions: ["1.17.0", "1.99.3"], fields: {} };
  writeFileSync(file, JSON.stringify({ schema: 1, modules: { std } }));
  const { code, stdout } = await runCli(["--supported-versions", "--json"], {
    OTEL_GO_AUTO_OFFSETS_FILE: file,
  });
  assert.equal(code, 0);
  const { go, architectures, kernel } = JSON.parse(stdout);
  assert.equal(go.newestInOffsets, "1.99.3");
  assert.deepEqual(
    architectures.map(({ name }: { name: string }) => name),
    ["linux/amd64", "linux/arm64"],
  );
  assert.deepEqual(kernel, { since: oldestKernel });
});

/** Words, environment, and what stands on stderr beside exit code 2. */
const usage: [string[], Record<string, string>, ...RegExp[]][] = [
  [["--foo"], {}, /unknown option '--foo'/, /valid flags are --pid, .*--endpoint/],
  [["--endpiont", "x"], {}, /unknown option '--endpiont'/, /did you mean --endpoint/],
  [
    ["inspct"],
    {},
    /unknown command "inspct"/,
    /commands are .*inspect, .*update-offsets/,
    /did you mean inspect\?/,
  ],
  [["serve", "x"], {}, /unknown command "serve"/, /commands are .*; without one, --pid/, /--help/],
  [["inspect"], {}, /inspect looks at one program/, /nothing is given/],
  [["inspect", "/a", "--pid", "1"], {}, /a file and --pid are given/],
  [["inspect", "--pid", "1", "--pid", "2"], {}, /several processes are given/],
  [["inspect", "/a", "/b"], {}, /too many arguments for 'inspect'/],
  [["inspect", "/a", "--jsno"], {}, /unknown option '--jsno'/, /did you mean --json\?/],
  [
    ["inspect", "/a", "--endpoint", "x"],
    {},
    /unknown option '--endpoint'/,
    /valid flags are --pid, --disable/,
  ],
  [["--pid", "1", "inspect"], {}, /flags of inspect stand behind it/],
  [["--pid"], {}, /'--pid <pid>' argument missing/],
  [["--pid", "0x10"], {}, /--pid .*"0x10"/, /whole number/],
  [["--pid", "1", "--pid", "two"], {}, /--pid .*"1,two"/],
  [["--pid", "1", "--protocol", "udp"], {}, /--protocol .*"udp"/, /http\/protobuf, http\/json, grpc/],
  [["--pid", "1", "--json", "--console"], {}, /--json and the console exporter/, /leave out --json/],
  [
    ["--pid", "1"],
    { OTEL_TRACES_SAMPLER: "some" },
    /OTEL_TRACES_SAMPLER .*"some"/,
    /parentbased_traceidratio/,
  ],
  [["--pid", "1"], { OTEL_GO_AUTO_TARGET_EXE: "/app" }, /--pid and OTEL_GO_AUTO_TARGET_EXE/],
  [[], {}, /no target/, /--pid PID/],
  [[], { OTEL_GO_AUTO_TARGET_EXE: "/etc" }, /"?\/etc"? cannot be traced/, /directory/],
];

for (const [words, environment, ...expected] of usage)
  test(`usage: ${JSON.stringify(words)} ${JSON.stringify(environment)}`, async () => {
    const { code, stdout, stderr } = await runCli(words, environment);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    for (const line of expected) assert.match(stderr, line);
  });

test("no such process", async () => {
  const child = spawn("true");
  await once(child, "exit");
  const { code, stderr } = await runCli(["--pid", String(child.pid)]);
  assert.equal(code, 3, stderr);
  assert.match(stderr, new RegExp(`there is no process ${child.pid}\n +why: .*\n +next: `));
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  test(`${signal} while it waits is a clean stop`, async () => {
    const { child, result, stderr } = startCli([], { OTEL_GO_AUTO_TARGET_EXE: "/no/such/app" });
    while (!stderr().includes("waiting for a process that runs /no/such/app")) await sleep(10);
    child.kill(signal);
    assert.equal((await result).code, 0, stderr());
  });

/** By the mask of signals that it catches; SIGHUP is its lowest bit. */
function handlesHangup(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return (BigInt(`0x${/SigCgt:\s*(\S+)/.exec(status)?.[1]}`) & 1n) !== 0n;
}

test("a log that can't be written does not end the agent", async () => {
  const cli = new URL("../../src/cli.ts", import.meta.url).pathname;
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, ["--import", "tsx", cli], {
    env: { PATH: process.env.PATH, OTEL_GO_AUTO_TARGET_EXE: "/no/such/app" },
    stdio: ["ignore", "ignore", full],
  });
  closeSync(full);
  const end = once(child, "exit");
  // It can't say that it waits: its handler of SIGHUP shows that it has begun (Node itself has one of SIGINT).
  for (let i = 0; i < 300 && child.exitCode === null && !handlesHangup(child.pid ?? 0); i++) await sleep(100);
  await sleep(1000);
  assert.equal(child.exitCode, null, "it waits for its target");
  child.kill("SIGINT");
  assert.deepEqual(await end, [0, null]);
});
