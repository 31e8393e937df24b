// Takes files from wherever they come (drop, chooser, paste) and puts them in the queue of who is signed in.
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { meQuery } from "../app/session";
import { maxFileBytesQuery } from "./limits";
import { refusalOf } from "./queue/accept";
import { add } from "./queue/queue";

export function useSendFiles(): (files: readonly File[]) => void {
  const { data: me } = useQuery(meQuery);
  const { data: maxBytes = null } = useQuery(maxFileBytesQuery);
  const userId = me?.user?.id;
  return useCallback(
    (files) => {
      if (userId === undefined) return;
      for (const file of files) add(userId, file, refusalOf(file, maxBytes));
    },
    [userId, maxBytes],
  );
}
