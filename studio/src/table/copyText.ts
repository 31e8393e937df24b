// Copies text, also where the browser keeps its clipboard for secure addresses only.
import { tell, tellError } from "../kit/toast";

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell("Copied");
  } catch (error) {
    tellError("The browser did not allow copying", error);
  }
}
