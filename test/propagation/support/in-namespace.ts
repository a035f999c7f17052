/** A target and its agent in a PID namespace of their own: says how many of 100 requests carried their context. */
import { attach } from "./agent.ts";
import { startClient } from "./client.ts";
import { expectedTraceparent, headers, Recorder } from "./server.ts";

const [client, server] = [await startClient(), await Recorder.listen()];
await client.send({ URL: server.url, Count: 50, Pool: 64 });
server.take();
const agent = attach(client.pid);
await client.send({ URL: server.url, Count: 50, Pool: 64 });
await client.send({ URL: server.url, Count: 50, Concurrency: 10, Pool: 64, Transport: "new" });
const carried = server
  .take()
  .filter((request) => headers(request, "traceparent").join() === expectedTraceparent(request.id));
console.log(`process ${process.pid}: ${carried.length} carried`);
agent.close();
await client.stop();
server.close();
