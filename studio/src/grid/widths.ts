// How wide each column is, kept in this browser for each upload.

const PREFIX = "muster.widths.";

export type Widths = Record<string, number>;

export function readWidths(uploadId: string): Widths {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(PREFIX + uploadId) ?? "{}");
    if (typeof read !== "object" || read === null) return {};
    return Object.fromEntries(Object.entries(read).filter((entry): entry is [string, number] => typeof entry[1] === "number"));
  } catch {
    return {}; // written by hand, or storage is not allowed: the widths we start with are fine
  }
}

export function keepWidth(uploadId: string, name: string, width: number): void {
  try {
    localStorage.setItem(PREFIX + uploadId, JSON.stringify({ ...readWidths(uploadId), [name]: Math.round(width) }));
  } catch {
    return; // full or forbidden: the column keeps its width until the page is left
  }
}
