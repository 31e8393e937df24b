// The rows of one question, block by block: asked for once, kept while there is room, dropped when nobody looks.
import { Unreachable } from "../api/errors";
import { mayPass } from "../api/queries";
import { askRows, rowsOf } from "./askRows";
import type { Column, Row, RowQuestion } from "./model";

export const BLOCK_ROWS = 100;
const KEPT_CELLS = 400_000;
const FEWEST_BLOCKS = 6;
const MAX_TRIES = 3;
const RETRY_MS = 600;

/** What is known of the answer so far. error: what went wrong last, null once rows came again. */
export interface Facts {
  total: number | null;
  isExact: boolean;
  version: number | null;
  columns: readonly Column[];
  error: unknown;
}

interface Block {
  rows: Promise<Row[]>;
  abort: AbortController;
  isDone: boolean;
}

const NOTHING: Facts = { total: null, isExact: false, version: null, columns: [], error: null };

export class RowSource {
  private readonly blocks = new Map<number, Block>(); // the one used last is last
  private readonly listeners = new Set<() => void>();
  private facts: Facts = NOTHING;
  /** Told when the rows on screen are of an older version than the server's. */
  onNewVersion: () => void = () => undefined;

  constructor(readonly question: RowQuestion) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): Facts => this.facts;

  /** The rows of a block, from memory when they are there. */
  block(number: number): Promise<Row[]> {
    const kept = this.blocks.get(number);
    if (kept !== undefined) {
      this.blocks.delete(number);
      this.blocks.set(number, kept);
      return kept.rows;
    }
    const abort = new AbortController();
    const block: Block = { abort, isDone: false, rows: this.fetch(number, abort.signal) };
    this.blocks.set(number, block);
    block.rows.then(
      () => {
        block.isDone = true;
        this.shrink();
      },
      () => {
        if (this.blocks.get(number) === block) this.blocks.delete(number);
      },
    );
    return block.rows;
  }

  /** Stops the requests for blocks that are not wanted any more. */
  keepOnly(isWanted: (number: number) => boolean): void {
    for (const [number, block] of this.blocks) {
      if (!block.isDone && !isWanted(number)) {
        this.blocks.delete(number);
        block.abort.abort();
      }
    }
  }

  /** Forgets all rows; the next look asks the server again. */
  clear(): void {
    this.keepOnly(() => false);
    this.blocks.clear();
  }

  /** Looks whether somebody else has made a newer version. */
  async check(): Promise<void> {
    if (this.facts.version === null) return;
    try {
      const found = await askRows(this.question, { offset: 0, limit: 1 });
      this.learn(found.version, found.total, found.total_exact, found.columns);
    } catch (error) {
      this.tell({ ...this.facts, error });
    }
  }

  /** A version made by an edit of one's own: rows on screen have it already. */
  accept(version: number): void {
    this.tell({ ...this.facts, version });
  }

  /** Keeps a changed row, so that scrolling back shows it too. */
  put(row: Row): void {
    const block = this.blocks.get(Math.floor(row.index / BLOCK_ROWS));
    if (block === undefined) return;
    block.rows = block.rows.then((rows) => rows.map((kept) => (kept.id === row.id ? row : kept)));
  }

  private async fetch(number: number, signal: AbortSignal): Promise<Row[]> {
    for (let tries = 1; ; tries += 1) {
      try {
        const found = await askRows(this.question, { offset: number * BLOCK_ROWS, limit: BLOCK_ROWS, signal });
        signal.throwIfAborted();
        this.learn(found.version, found.total, found.total_exact, found.columns);
        return rowsOf(found);
      } catch (error) {
        if (signal.aborted) throw error;
        if (tries >= MAX_TRIES || !(mayPass(error) || error instanceof Unreachable)) {
          this.tell({ ...this.facts, error });
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * tries));
        signal.throwIfAborted();
      }
    }
  }

  private learn(version: number, total: number, isExact: boolean, columns: readonly Column[]): void {
    const known = this.facts.version;
    const isBetter = isExact || !this.facts.isExact || known !== version;
    const count = isBetter ? { total, isExact } : {};
    this.tell({ ...this.facts, ...count, version: Math.max(version, known ?? version), columns, error: null });
    if (known !== null && version > known) this.onNewVersion();
    if (!this.facts.isExact && known === null) void this.countExactly();
  }

  private async countExactly(): Promise<void> {
    try {
      const found = await askRows(this.question, { offset: 0, limit: 1, exactTotal: true });
      this.tell({ ...this.facts, total: found.total, isExact: found.total_exact });
    } catch (error) {
      this.tell({ ...this.facts, error });
    }
  }

  private tell(facts: Facts): void {
    this.facts = facts;
    for (const listener of this.listeners) listener();
  }

  private shrink(): void {
    const width = Math.max(1, this.facts.columns.length);
    const most = Math.max(FEWEST_BLOCKS, Math.floor(KEPT_CELLS / (width * BLOCK_ROWS)));
    for (const [number, block] of this.blocks) {
      if (this.blocks.size <= most) return;
      if (block.isDone) this.blocks.delete(number);
    }
  }
}
