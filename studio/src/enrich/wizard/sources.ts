// Who can be asked: every built-in provider, and every connection to one of your own; pure.
import type { Connection, Need, Provider, Terms } from "../model";

/** A provider ready to be asked. connection: null for those that need none. */
export interface Source {
  provider: Provider;
  connection: Connection | null;
  terms: Terms;
  title: string;
}

export function sourcesOf(providers: readonly Provider[], connections: readonly Connection[]): Source[] {
  return providers.flatMap((provider): Source[] => {
    if (!provider.connection) return [{ provider, connection: null, terms: provider, title: provider.title }];
    return connections
      .filter((connection) => connection.provider === provider.id && connection.usable)
      .map((connection) => ({ provider, connection, terms: connection, title: connection.name }));
  });
}

export function nameOf(source: Pick<Source, "provider" | "connection">): string {
  return source.connection === null ? source.provider.id : source.connection.id;
}

/** The cheapest first; among those alike, those that need no network. */
export function byCost(one: Source, other: Source): number {
  return one.terms.price - other.terms.price || Number(one.provider.network) - Number(other.provider.network);
}

const plain = (name: string) => name.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_");

/** The column a need is usually found in: by its own list of names, the best first. */
export function guessInput(need: Need, columns: readonly string[]): string | null {
  for (const name of [...need.fields, need.name]) {
    const found = columns.find((column) => column === name) ?? columns.find((column) => plain(column) === plain(name));
    if (found !== undefined) return found;
  }
  return null;
}

/** Whether the table has what a source needs. */
export function hasInputs({ terms }: Source, columns: readonly string[]): boolean {
  if (terms.needs_one) return terms.needs.some((need) => guessInput(need, columns) !== null);
  return terms.needs.every((need) => !need.required || guessInput(need, columns) !== null);
}
