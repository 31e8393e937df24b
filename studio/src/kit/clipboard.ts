// Copies text, also where browsers keep their clipboard away: a server in the house, reached by plain http.

/** Whether the text is in the clipboard now. */
export async function copyText(text: string): Promise<boolean> {
  // Typed as always there, yet missing on addresses that are neither https nor loopback.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) return copyBySelection(text);
  try {
    await clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // not allowed, or the window lost the focus
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.style.position = "fixed";
  area.style.left = "-9999px";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
