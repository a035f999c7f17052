import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Attached, attach } from "./support/agent.ts";
import { Client, type Job } from "./support/client.ts";
import { type Arrived, bodyHash, expectedTraceparent, headers, Recorder } from "./support/server.ts";

describe("socket tier", () => {
  let client: Client;
  let server: Recorder;
  let agent: Attached;

  before(async () => {
    [client, server] = [await Client.run(), await Recorder.listen()];
    agent = attach(client.pid);
  });
  after(() => {
    agent?.close();
    client?.stop();
    server?.close();
  });

  /** Sends, and gives what arrived. */
  async function send(job: Partial<Job>): Promise<Arrived[]> {
    server.take();
    const { Failed } = await client.send({ URL: server.url, Pool: 64, ...job });
    assert.equal(Failed, null);
    const arrived = server.take();
    assert.equal(arrived.length, job.Count ?? 1);
    return arrived;
  }

  function assertCarried(arrived: readonly Arrived[]): void {
    for (const request of arrived)
      assert.deepEqual(headers(request, "traceparent"), [expectedTraceparent(request.id)]);
  }

  test("a request carries its context", async () => {
    const arrived = await send({ Count: 3 });
    console.log(arrived, agent.tier.counts());
    assertCarried(arrived);
  });
});
