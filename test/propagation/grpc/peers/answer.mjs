// What "calls serve" is, with Node's HTTP/2: answers each call with what has arrived. node answer.mjs
import { createHash } from "node:crypto";
import { createServer } from "node:http2";

/** The messages of a call, each behind a byte and its length. */
function messagesOf(body) {
  const messages = [];
  for (let at = 0; at < body.length; at += 5 + body.readUInt32BE(at + 1))
    messages.push(body.subarray(at + 5, at + 5 + body.readUInt32BE(at + 1)));
  return messages;
}

/** Names and values stand in turns. */
function metadataOf({ rawHeaders }) {
  const metadata = {};
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!rawHeaders[i].startsWith(":"))
      metadata[rawHeaders[i]] = [...(metadata[rawHeaders[i]] ?? []), rawHeaders[i + 1]];
  return metadata;
}

function answer(response, text) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(text.length, 1);
  response.setHeader("content-type", "application/grpc+raw");
  response.addTrailers({ "grpc-status": "0" });
  response.end(Buffer.concat([head, text]));
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const messages = messagesOf(Buffer.concat(chunks));
    const body = Buffer.concat(messages);
    const arrived = {
      Method: request.url,
      Metadata: metadataOf(request),
      Messages: messages.length,
      Bytes: body.length,
      Hash: createHash("sha256").update(body).digest("hex"),
    };
    answer(response, Buffer.from(JSON.stringify(arrived)));
  });
});
server.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port}`));
