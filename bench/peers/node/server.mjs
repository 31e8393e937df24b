// Peer (c): the shared design behind Node's own HTTP server, the thinnest there is.
import { createServer } from "node:http";
import { receive } from "./batch.mjs";

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    const [status, answer] = await receive(Buffer.concat(parts), request.headers["content-encoding"]);
    const text = JSON.stringify(answer);
    response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
    response.end(text);
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
