// A column's header: name, type, how full it is, its small picture and its menu. A click sorts.
import type { IHeaderParams } from "ag-grid-community";
import { ArrowDown, ArrowUp, ListFilter, Sparkles } from "lucide-react";
import { useEffect, useState } from "react";
import { percent } from "../kit/format";
import { distinctWords } from "./bins";
import { useSurroundings } from "./context";
import { HeaderChart } from "./HeaderChart";
import { HeaderMenu } from "./HeaderMenu";
import type { Row } from "./model";
import { nextSort } from "./names";

export const TYPE_WORDS: Record<string, string> = {
  text: "text",
  integer: "whole number",
  number: "number",
  boolean: "true or false",
  date: "date",
  timestamp: "date and time",
  json: "nested",
};

type HeaderCellProps = IHeaderParams<Row> & { type: string };

export function HeaderCell({ displayName, column, type, eGridHeader }: HeaderCellProps) {
  const name = column.getColId();
  const around = useSurroundings();
  const { sort, onSort } = around;
  const [isMenuOpen, setMenuOpen] = useState(false);
  const isEnriched = around.enriched.has(name);
  const profile = around.profiles.get(name);
  const place = sort.findIndex((key) => key.field === name);
  const key = sort[place];

  useEffect(() => {
    // After every drawing: AG Grid, which does not sort here, takes the attribute away when columns change.
    eGridHeader.setAttribute("aria-sort", key === undefined ? "none" : key.descending ? "descending" : "ascending");
  });

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target !== eGridHeader) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) setMenuOpen(true);
      else if (event.key === "Enter") onSort(nextSort(sort, name, event.shiftKey));
      else if (event.key === " " || (event.key === "ArrowDown" && event.altKey)) setMenuOpen(true);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    eGridHeader.addEventListener("keydown", onKey, true);
    return () => eGridHeader.removeEventListener("keydown", onKey, true);
  }, [eGridHeader, sort, onSort, name]);

  const empty = profile !== undefined && profile.empty > 0 ? `${percent(profile.empty, profile.filled + profile.empty)} empty` : "";
  const about = profile === undefined ? displayName : `${displayName}: ${TYPE_WORDS[type] ?? type}, ${distinctWords(profile)}${empty === "" ? "" : `, ${empty}`}`;
  return (
    <div className="header" title={about}>
      <div className="header-top">
        <div className="header-name" onClick={(event) => onSort(nextSort(sort, name, event.shiftKey))}>
          <span className="truncate">{displayName}</span>
          {key !== undefined && (
            <span className="header-sort">
              {key.descending ? <ArrowDown size={14} aria-label="sorted, largest first" /> : <ArrowUp size={14} aria-label="sorted, smallest first" />}
              {sort.length > 1 && place + 1}
            </span>
          )}
          {around.filtered.has(name) && <ListFilter size={13} aria-label="filtered" className="header-filtered" />}
        </div>
        <HeaderMenu name={name} type={type} isOpen={isMenuOpen} onOpen={setMenuOpen} focusBack={eGridHeader} />
      </div>
      <div className="header-facts">
        <span className="truncate">
          {isEnriched && (
            <>
              <Sparkles size={11} aria-hidden className="header-enriched" /> enriched{" · "}
            </>
          )}
          {TYPE_WORDS[type] ?? type}
        </span>
        {empty !== "" && <span>{empty}</span>}
      </div>
      {profile === undefined ? <div className="chart-waiting" /> : <HeaderChart profile={profile} onFilter={around.onFilter} />}
    </div>
  );
}
