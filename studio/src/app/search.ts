// Search parameters as plain text in the address (`?q=acme&sort=-rows`), readable and easy to write by hand.

export type SearchText = Record<string, string | undefined>;

export function parseSearch(search: string): SearchText {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
