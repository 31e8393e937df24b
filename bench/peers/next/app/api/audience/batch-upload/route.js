// Peer (c2): the shared design as a route handler of Next.js, the specification's own stack.
import { receive } from "../../../../batch.mjs";

export async function POST(request) {
  const body = Buffer.from(await request.arrayBuffer());
  const [status, answer] = await receive(body, request.headers.get("content-encoding"));
  return Response.json(answer, { status });
}
