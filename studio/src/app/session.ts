// Who is signed in: asked once per page load, and again after signing in or out.
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../api/client";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => answer(api.GET("/api/auth/me")),
  staleTime: Infinity,
});

export type Me = Awaited<ReturnType<NonNullable<typeof meQuery.queryFn>>>;
