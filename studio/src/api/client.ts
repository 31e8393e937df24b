// The typed client of Muster's HTTP API; every request of Studio goes through here or through `send`.
import createClient, { type Middleware } from "openapi-fetch";
import { errorOf, Unreachable } from "./errors";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Unreachable();
  }
}

const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok && response.status !== 304) throw await errorOf(response);
    return undefined;
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: reach });
api.use(refusals);

/** The body of an answer. Refusals have been thrown as ApiError before this is reached. */
export async function answer<T>(pending: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await pending;
  if (data === undefined || data === null) throw new Error("The server sent an empty answer where one with a body was due.");
  return data;
}

/** A request the typed client cannot express (files, other formats): the raw answer, refusals thrown as ApiError. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await reach(new Request(new URL(path, window.location.origin), init));
  if (!response.ok) throw await errorOf(response);
  return response;
}
