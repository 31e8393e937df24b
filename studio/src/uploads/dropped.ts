// The files of a drop or a paste; what is no file is left out.

export function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes("Files") ?? false;
}

/** Files without folders: a folder looks like a file without bytes. */
export function filesOf(transfer: DataTransfer | null): { files: File[]; folders: number } {
  const files: File[] = [];
  let folders = 0;
  for (const item of transfer?.items ?? []) {
    if (item.kind !== "file") continue;
    if (item.webkitGetAsEntry()?.isDirectory === true) {
      folders += 1;
      continue;
    }
    const file = item.getAsFile();
    if (file !== null) files.push(file);
  }
  return { files, folders };
}

/** Cells copied in a spreadsheet, as a file; null when the text is no table of at least two lines. */
export function tableOf(text: string, now: Date = new Date()): File | null {
  const lines = text.trimEnd().split(/\r?\n/);
  const tabs = lines.map((line) => line.split("\t").length - 1);
  if (lines.length < 2 || (tabs[0] ?? 0) < 1 || tabs[1] !== tabs[0]) return null;
  const name = `Pasted ${now.toISOString().slice(0, 16).replace("T", " ").replace(":", ".")}.tsv`;
  return new File([text], name, { type: "text/tab-separated-values", lastModified: now.getTime() });
}
