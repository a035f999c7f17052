import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { repository } from "../e2e/support/agent.ts";
import { startCollector } from "../e2e/support/collector.ts";
import { freePorts, sleep, stopAll } from "../e2e/support/process.ts";
import { buildServer } from "../e2e/support/server.ts";
import { packContext } from "./support/image.ts";
import { startSystemd } from "./support/systemd.ts";

after(stopAll);

const unit = readFileSync(join(repository, "deploy/systemd/otel-go-auto.service"), "utf8");
const command = "/usr/bin/otel-go-auto";

test("systemd-analyze finds no fault in the unit", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-unit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "otel-go-auto.service");
  // The package isn't installed here, nor is its manual page.
  writeFileSync(file, unit.replace(command, join(repository, "bin/otel-go-auto")));
  const verify = () =>
    spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" }).stderr;
  assert.equal(verify(), "");
  writeFileSync(file, readFileSync(file, "utf8").replace("RestartSec=", "RestartSecs="));
  assert.match(verify(), /RestartSecs/);
});

/** The package as npm would install it for all users, a program, and the units. */
async function install(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  chmodSync(folder, 0o755);
  await packContext(repository, folder);
  for (const place of ["opt/otel-go-auto", "usr/bin", "usr/local/bin"])
    mkdirSync(join(folder, place), { recursive: true });
  execFileSync(
    "sh",
    ["-c", "tar -xzf otel-go-auto-*.tgz -C opt/otel-go-auto --strip-components=1 && rm otel-go-auto-*.tgz"],
    { cwd: folder },
  );
  symlinkSync("/opt/otel-go-auto/bin/otel-go-auto", join(folder, command));
  cpSync(process.execPath, join(folder, "usr/local/bin/node"));
  cpSync(await buildServer({ go: "1.26.8", stripped: true, program: "std" }), join(folder, "usr/bin/server"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

test("systemd runs the agent with nothing but its capabilities", async (t) => {
  const collector = await startCollector();
  t.after(() => collector.stop());
  const folder = mkdtempSync(join(tmpdir(), "otel-go-auto-installed-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [port] = await freePorts(1);
  const units = "/etc/systemd/system";
  await install(folder, {
    [`${units}/otel-go-auto.service`]: unit,
    [`${units}/otel-go-auto.service.d/log.conf`]:
      "[Service]\nStandardOutput=append:/run/agent\nStandardError=append:/run/agent\n",
    [`${units}/server.service`]: `[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/usr/bin/server -listen h1=127.0.0.1:${port}\n`,
    "/etc/otel-go-auto/environment": `OTEL_GO_AUTO_TARGET_EXE=/usr/bin/server\nOTEL_EXPORTER_OTLP_ENDPOINT=${collector.httpEndpoint}\nOTEL_BSP_SCHEDULE_DELAY=100\nOTEL_GO_AUTO_CONFIG=/etc/otel-go-auto/config.yaml\n`,
    "/etc/otel-go-auto/config.yaml": "log_level: info\n",
  });
  const systemd = await startSystemd(["server.service", "otel-go-auto.service"], folder);
  t.after(() => systemd.stop());
  const said = async (pattern: RegExp) => {
    const deadline = Date.now() + 60_000;
    while (!pattern.test(systemd.run("cat /run/agent"))) {
      if (Date.now() > deadline)
        throw new Error(systemd.run("cat /run/agent; systemctl status --no-pager otel-go-auto server"));
      await sleep(200);
    }
  };

  await said(/net\/http server: attached/);
  const status = systemd.run("cat /proc/$(systemctl show -P MainPID otel-go-auto)/status");
  assert.notEqual(/^Uid:\s+(\d+)/m.exec(status)?.[1], "0");
  assert.match(status, /^NoNewPrivs:\s+1$/m);
  assert.match(status, /^Seccomp:\s+2$/m);
  for (const set of ["CapPrm", "CapEff", "CapBnd", "CapAmb"])
    assert.match(status, new RegExp(`^${set}:\\s+000000c000081004$`, "m"));

  await fetch(`http://127.0.0.1:${port}/items/7`);
  const [span] = await collector.waitFor((spans) => spans.length > 0);
  assert.equal(span?.name, "GET /items/{id}");
  // The config file of the running service: a reload takes it again.
  systemd.run("sed -i s/info/debug/ /etc/otel-go-auto/config.yaml; systemctl reload otel-go-auto");
  await said(/config\.yaml: log_level: info → debug/);
  systemd.run("systemctl stop otel-go-auto");
  assert.match(systemd.run("cat /run/agent"), /spans 1 = 1 exported/);
  assert.match(systemd.run("systemctl show -P Result,ExecMainStatus otel-go-auto"), /^success\n0\n/);
});
