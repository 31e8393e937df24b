// One query client: how long answers count as fresh, and what is tried again.
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

const MAX_RETRIES = 2;

/** A refusal is an answer, so only what may pass by itself is tried again. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      networkMode: "always", // loopback works without a network; our own errors say when a server is away
      retry: (failures, error) => failures < MAX_RETRIES && mayPass(error),
    },
    mutations: { networkMode: "always" },
  },
});
