// Hands AG Grid the blocks of a row source, and stops requests for blocks that were scrolled past.
import type { GridApi, IDatasource } from "ag-grid-community";
import type { Row } from "./model";
import { BLOCK_ROWS, type RowSource } from "./rowSource";

export interface Feed extends IDatasource {
  /** Blocks in view that were stopped or failed are asked for again. */
  mend: () => void;
}

const NEAR_BLOCKS = 1;

export function feedOf(source: RowSource, grid: () => GridApi<Row> | null): Feed {
  const failed = new Set<number>();
  const inView = (): [number, number] => {
    const api = grid();
    if (api === null) return [0, 0];
    if (api.isDestroyed()) return [0, 0]; // an answer that comes after the page was left
    return [Math.floor(api.getFirstDisplayedRowIndex() / BLOCK_ROWS), Math.floor(api.getLastDisplayedRowIndex() / BLOCK_ROWS)];
  };
  return {
    getRows: ({ startRow, successCallback, failCallback }) => {
      const number = startRow / BLOCK_ROWS;
      const [first, last] = inView();
      source.keepOnly((other) => other === number || (other >= first - NEAR_BLOCKS && other <= last + NEAR_BLOCKS));
      source.block(number).then(
        (rows) => {
          failed.delete(number);
          successCallback(rows, source.read().total ?? startRow + rows.length);
        },
        () => {
          failed.add(number);
          failCallback();
        },
      );
    },
    mend: () => {
      const [first, last] = inView();
      for (const number of failed) {
        if (number >= first && number <= last) {
          failed.clear();
          grid()?.purgeInfiniteCache();
          return;
        }
      }
    },
  };
}
