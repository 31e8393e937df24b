// Copies the cell one is at, and says so.
import { copyText } from "../kit/clipboard";
import { tell } from "../kit/toast";

export async function copyCell(text: string): Promise<void> {
  tell((await copyText(text)) ? "Copied" : "The browser did not allow copying");
}
