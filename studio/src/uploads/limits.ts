// What the server takes at most, asked once.
import { queryOptions } from "@tanstack/react-query";
import { send } from "../api/client";

export const maxFileBytesQuery = queryOptions({
  queryKey: ["tus", "max"],
  staleTime: Infinity,
  queryFn: async (): Promise<number | null> => {
    const response = await send("/api/audience/files/tus", { method: "OPTIONS", headers: { "Tus-Resumable": "1.0.0" } });
    return Number(response.headers.get("Tus-Max-Size")) || null;
  },
});
