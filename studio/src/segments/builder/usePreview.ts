// The live count: asked a moment after the last change, the last question wins, the answer before stays until then.
import { useDebouncedValue } from "@mantine/hooks";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { answer, api } from "../../api/client";
import { ApiError } from "../../api/errors";
import { mayPass } from "../../api/queries";
import type { Preview, PreviewBody } from "../model";
import { BASE } from "../queries";

const TYPING_MS = 300;
const SAMPLE_ROWS = 10;
const MAX_RETRIES = 2;

export interface Previewing {
  /** The newest answer, maybe to the question before. */
  found: Preview | null;
  /** It is not (yet) the answer to what is asked now. */
  isOld: boolean;
  isAsking: boolean;
  error: unknown;
  retry: () => void;
}

/** wish: null while too little is said to ask. */
export function usePreview(wish: PreviewBody | null): Previewing {
  const [token] = useState(newToken);
  const text = wish === null ? "" : JSON.stringify({ ...wish, token, sample: SAMPLE_ROWS });
  const [asked] = useDebouncedValue(text, TYPING_MS);
  // A question that nobody waits for any more is broken off, and the server stops counting.
  const query = useQuery({ ...previewQuery(asked), enabled: asked !== "" });
  const last = useRef<Preview | null>(null);
  if (query.data !== undefined) last.current = query.data;
  const isCurrent = text === asked && query.data !== undefined;
  return {
    found: last.current,
    isOld: !isCurrent,
    isAsking: text !== asked || query.isFetching,
    error: text === asked ? query.error : null,
    retry: () => void query.refetch(),
  };
}

const previewQuery = (text: string) =>
  queryOptions({
    queryKey: ["segment-preview", text],
    queryFn: ({ signal }) => answer(api.POST(`${BASE}/preview`, { body: JSON.parse(text) as PreviewBody, signal })),
    // Two questions may overtake each other on their way; the one that is still wanted is asked again.
    retry: (failures, error) => failures < MAX_RETRIES && (mayPass(error) || (error instanceof ApiError && error.code === "preview_superseded")),
    retryDelay: 500,
    gcTime: 60_000,
  });

const TOKEN_BYTES = 12;

function newToken(): string {
  return [...crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
