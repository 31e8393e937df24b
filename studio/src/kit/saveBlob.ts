// Hands a file that only a request with headers could fetch to the browser's downloads.

const FREED_MS = 60_000; // the browser reads it after the click, and nothing says when it has

export function saveBlob(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), FREED_MS);
}
