// What headers and cells need to know of the page around the grid.
import { createContext, useContext } from "react";
import type { Condition, Filter } from "../filter/ast";
import type { ColumnProfile, SortKey } from "./model";

export interface GridSurroundings {
  profiles: ReadonlyMap<string, ColumnProfile>;
  sort: readonly SortKey[];
  filtered: ReadonlySet<string>;
  /** Columns that an enrichment added. */
  enriched: ReadonlySet<string>;
  pinned: ReadonlySet<string>;
  canEdit: boolean;
  onSort: (keys: SortKey[]) => void;
  onFilter: (filter: Filter | Condition) => void;
  onPin: (name: string, isPinned: boolean) => void;
  onHide: (name: string) => void;
  onMove: (name: string, by: -1 | 1) => void;
  onProfile: (name: string) => void;
  onEditAll: (name: string) => void;
}

const Surroundings = createContext<GridSurroundings | null>(null);
export const SurroundingsProvider = Surroundings.Provider;

export function useSurroundings(): GridSurroundings {
  const found = useContext(Surroundings);
  if (found === null) throw new Error("A part of the grid stands outside of it.");
  return found;
}
