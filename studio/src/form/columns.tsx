// Columns of the table that the settings being written name, offered where one of them is to be entered.
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { profileQuery } from "../api/tables";
import type { Values } from "./values";

const Columns = createContext<readonly string[]>([]);

export const useOfferedColumns = () => useContext(Columns);

/** value: the settings; their `upload_id` says which table. */
export function OfferColumns({ value, children }: { value: Values; children: ReactNode }) {
  const uploadId = typeof value["upload_id"] === "string" ? value["upload_id"] : null;
  const profile = useQuery({ ...profileQuery(uploadId ?? ""), enabled: uploadId !== null });
  return <Columns value={uploadId === null ? [] : (profile.data?.columns.map(({ name }) => name) ?? [])}>{children}</Columns>;
}
