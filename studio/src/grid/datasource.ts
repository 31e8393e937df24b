// Hands AG Grid the blocks of a row source, and stops requests for blocks that were scrolled past.
import type { GridApi, IDatasource } from "ag-grid-community";
import type { Row } from "./model";
import { BLOCK_ROWS, type RowSource } from "./rowSource";

export interface Feed extends IDatasource {
  /** Blocks in view that failed are asked for again. */
  mend: () => void;
  /** Blocks in view that were stopped are: the grid may say late where it is, and one is stopped that came into view. */
  mendStopped: () => void;
}

const NEAR_BLOCKS = 1;

export function feedOf(source: RowSource, grid: () => GridApi<Row> | null): Feed {
  const failed = new Set<number>();
  const stopped = new Set<number>();
  const inView = (): [number, number] => {
    const api = grid();
    if (api === null) return [0, 0];
    if (api.isDestroyed()) return [0, 0]; // an answer that comes after the page was left
    return [Math.floor(api.getFirstDisplayedRowIndex() / BLOCK_ROWS), Math.floor(api.getLastDisplayedRowIndex() / BLOCK_ROWS)];
  };
  const askAgain = (numbers: ReadonlySet<number>) => {
    const api = grid();
    if (api === null || api.isDestroyed() || api.getGridOption("datasource") !== feed) return; // another question by now
    const [first, last] = inView();
    if (![...numbers].some((number) => number >= first && number <= last)) return;
    failed.clear();
    stopped.clear();
    api.purgeInfiniteCache();
  };
  const mendStopped = () => askAgain(stopped);
  const feed: Feed = {
    getRows: ({ startRow, successCallback, failCallback }) => {
      const number = startRow / BLOCK_ROWS;
      const [first, last] = inView();
      source.keepOnly((other) => other === number || (other >= first - NEAR_BLOCKS && other <= last + NEAR_BLOCKS));
      source.block(number).then(
        (rows) => {
          failed.delete(number);
          stopped.delete(number);
          successCallback(rows, source.read().total ?? startRow + rows.length);
        },
        (error: unknown) => {
          failCallback();
          if (!isStop(error)) failed.add(number);
          else {
            stopped.add(number);
            setTimeout(mendStopped); // once the grid has taken note of the failure
          }
        },
      );
    },
    mend: () => askAgain(failed),
    mendStopped,
  };
  return feed;
}

function isStop(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
